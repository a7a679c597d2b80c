#!/bin/sh
# A sandbox for one run of a shell's tests. VITALD names the command, SEED the world.
set -eu
folder=$(mktemp -d)
"${VITALD:-vitald}" sandbox --seed "${SEED:-sandbox.toml}" --json > "$folder/ready" &
sandbox=$!
trap 'kill $sandbox; wait $sandbox; rm -r "$folder"' EXIT
while ! [ -s "$folder/ready" ]; do kill -0 $sandbox; sleep 0.05; done
url=$(sed 's/.*"base_url":"\([^"]*\)".*/\1/' "$folder/ready")

curl -sf "$url/measure?action=getmeas&meastype=1&category=1&access_token=access-of-anna" | grep '"value":6685'
