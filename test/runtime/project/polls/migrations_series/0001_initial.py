import importlib

Migration = importlib.import_module("polls.migrations.0001_initial").Migration
