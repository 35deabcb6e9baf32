#!/bin/sh
# Checks openapi.yaml against the API design rules of the Dutch government.
# ADR_RULESET is the file (or address) of their Spectral ruleset.
set -eu
cd "$(dirname "$0")/.."

if [ -z "${ADR_RULESET:-}" ]; then
    echo "skipped: API design rules (ADR_RULESET names no ruleset)"
    exit 0
fi
case $ADR_RULESET in
    http://* | https://*) ;;
    *) [ -f "$ADR_RULESET" ] || { echo "ADR_RULESET: there is no file $ADR_RULESET" >&2; exit 1; } ;;
esac

modules=scripts/lint/node_modules
if ! cmp -s scripts/lint/package-lock.json "$modules/.made-from"; then
    command -v npm >/dev/null || { echo "npm (Node 20) is needed for the API design rules" >&2; exit 1; }
    echo "Installing the API linter …"
    npm ci --prefix scripts/lint --ignore-scripts --no-audit --no-fund --loglevel=error
    cp scripts/lint/package-lock.json "$modules/.made-from"
fi

"$modules/.bin/spectral" lint --fail-severity warn -r "$ADR_RULESET" openapi.yaml
