"""Reports of errors, which Django mails to the administrators: without the secrets of URLs."""

from django.utils.log import AdminEmailHandler as Handler
from django.views.debug import ExceptionReporter

from cdk8s_django.masks import cleaned, masked, of_name, of_query


class AdminEmailHandler(Handler):
    def send_mail(self, subject, message, *arguments, **options):
        if options.get("html_message"):
            options["html_message"] = masked(options["html_message"])
        super().send_mail(masked(subject), masked(message), *arguments, **options)


class Reporter(ExceptionReporter):
    """What it tells of a request, before a page or a text is made of it."""

    def get_traceback_data(self):
        data = super().get_traceback_data()
        for name in ("request_insecure_uri", "exception_value", "exception_notes", "request_meta"):
            if name in data:
                data[name] = cleaned(data[name])
        if "request_GET_items" in data:
            items = data["request_GET_items"]
            data["request_GET_items"] = [(name, of_query(name, value)) for name, value in items]
        for frame in data.get("frames") or ():
            if frame.get("vars"):
                frame["vars"] = [(name, of_name(name, value)) for name, value in frame["vars"]]
        return data
