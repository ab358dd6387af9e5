"""Support-ticket triage, the quickstart data set: a customer's ticket in, one small JSON object out."""
