from django.http import HttpResponseForbidden


def middleware(get_response):
    """Chooses the URLconf, or lets nobody in, as a header of the request asks for it."""

    def respond(request):
        if "X-Urlconf" in request.headers:
            request.urlconf = request.headers["X-Urlconf"]
        if "X-Wall" in request.headers:
            return HttpResponseForbidden()
        return get_response(request)

    return respond
