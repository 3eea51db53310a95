#!/usr/bin/env bash
# Makes again what depends on the embedded model: goldens, the README's pictures, the notebooks.
#
#   Training/renew.sh
#
# FATHOM is the executable (.build/release/fathom), PYTHON one with requirements.txt (python3), JUPYTER
# one with nbconvert (.venv/bin/python). The model is that of Sources, whatever stands beside FATHOM.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
fathom=$(realpath "${FATHOM:-.build/release/fathom}")
python=${PYTHON:-python3}
jupyter=${JUPYTER:-.venv/bin/python}

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/Fathom_Checkpoints.resources"
cp -r Sources/Checkpoints/Resources/mini "$folder/Fathom_Checkpoints.resources/"
export FATHOM_RESOURCES=$folder JUPYTER_PATH=$folder/share/jupyter

"$python" Tests/Goldens/generate/make.py
"$python" Tests/Goldens/tokenizer/make.py
(cd notebooks/pictures && "$fathom" run make.fathom)
"$fathom" install --prefix "$folder"
"$jupyter" -m nbconvert --to notebook --execute --inplace notebooks/*.ipynb
rm -f notebooks/saliency.{svg,csv} notebooks/anchors.safetensors
