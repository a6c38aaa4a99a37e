"""Watching live traffic: `run` drives the pipeline from packets to findings while time passes; `state` gathers what the
terminal view shows, and `app` shows it (with Textual, which nothing else here needs)."""
