"""Bulk imports: a file comes in over HTTP, is kept sealed, and the worker goes through it row by row.

    uploads.py    the body: received in pieces, sealed, read again from anywhere, thrown away when done
    reading.py    CSV and NDJSON as a stream of numbered rows
    columns.py    which heading means which column, and one schema that says what is wrong with a row
    spreadsheet.py, workbook.py    XLSX, read and written
    files.py      what goes out: templates and tables
    failed.py     the rows that failed, kept for a week to be mended
    remarks.py    what there is to say of a file as a whole
    models.py     the jobs and what is worth telling of their rows
    runner.py     the worker's side: one piece of rows is one transaction, together with how far it came
    jobs.py       what callers see of it
    serving.py    the endpoints that every kind has

A room brings an `ImportKind`: its columns, its schema and a function that takes a piece of rows.
"""
