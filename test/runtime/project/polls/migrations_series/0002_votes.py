import importlib

Migration = importlib.import_module("polls.migrations_next.0002_votes").Migration
