#!/bin/sh
# Fails when openapi.yaml is not what the code says now.
set -eu
cd "$(dirname "$0")/.."

fresh=$(mktemp "${TMPDIR:-/tmp}/openapi.XXXXXX")
trap 'rm -f "$fresh"' EXIT
.venv/bin/servicepunt openapi --write "$fresh"
if ! diff -u openapi.yaml "$fresh"; then
    echo "openapi.yaml is out of date: run 'make openapi'." >&2
    exit 1
fi
echo "openapi.yaml is in step with the code."
