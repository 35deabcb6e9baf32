#!/bin/sh
# Writes requirements.txt and requirements-dev.txt: every package with its version and the hashes of its files.
# Further words go to pip-compile: --upgrade, or --upgrade-package NAME.
set -eu
cd "$(dirname "$0")/.."

PATH="$PWD/.venv/bin:$PATH"
export PIP_DISABLE_PIP_VERSION_CHECK=1
unset PYTHONPATH

seal() {
    { echo "# Written by 'make lock' from pyproject.toml; do not edit."; grep -v '^#\|^$' "$1"; } > "$1.new"
    mv "$1.new" "$1"
    if grep -nE '^ *-[^-]|^ *--[^h]|://| @ ' "$1"; then
        echo "$1 names an index, an address or a directory (see above)." >&2
        exit 1
    fi
    echo "$1: $(grep -c == "$1") packages"
}

# The runtime comes first; the second file holds the same versions and what tests and checks need besides.
pip-compile --quiet --output-file requirements.txt "$@" pyproject.toml
pip-compile --quiet --extra test --extra check --extra lock --constraint requirements.txt \
    --output-file requirements-dev.txt "$@" pyproject.toml
seal requirements.txt
seal requirements-dev.txt
