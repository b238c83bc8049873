import os

TOKEN = os.environ["PAYMENT_TOKEN"]
