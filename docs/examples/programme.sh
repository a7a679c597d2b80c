#!/usr/bin/env bash
# A programme from its first order to its end, on a server of its own that goes when this is over.
# It takes bash, curl and vitald (VITALD=/path/to/vitald, else the one in PATH), prints a sentence a
# step, and stops at the first answer that is another than it should be. docs/programme.md tells it.
set -euo pipefail

vitald=${VITALD:-vitald}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || { kill "$server"; wait "$server"; } 2>/dev/null || true; rm -rf "$work"' EXIT

say() { echo "* $*"; }
fail() { echo "programme.sh: $*" >&2; exit 1; }
# The first value of a name in JSON.
field() {
  local found
  found=$(tr '{}[],' '\n' <<<"$2" | sed -n "s/^ *\"$1\": *\"\{0,1\}\([^\"]*\)\"\{0,1\}\$/\1/p")
  [ -n "$found" ] || fail "no $1 in $2"
  echo "${found%%$'\n'*}"
}
# Whether an answer has a text in it, blanks aside, or has not.
has() { [[ ${2//[[:space:]]/} == *"${1//[[:space:]]/}"* ]] || fail "expected $1 in $2"; }
hasnt() { [[ ${2//[[:space:]]/} != *"${1//[[:space:]]/}"* ]] || fail "expected no $1 in $2"; }
# What the operator does on the machine of the server.
operator() { "$vitald" --config "$work/vitald.toml" --log error --json "$@"; }
# What the partner's program calls over HTTP; vitald fetches the nonces and signs.
partner() { operator call --url "$url" "$@"; }
# What a device hands over: its token, its records.
sync() {
  curl -sS "$url/device/v1/sync" -H "Authorization: Bearer $1" -H 'Content-Type: application/json' \
    -d "{\"records\": [$2]}"
}
# What the warehouse's program says of the order.
warehouse() {
  curl -sS "$url/fulfilment/v1/orders/$order" -H "Authorization: Bearer $warehouse_token" \
    -H 'Content-Type: application/json' -d "$1"
}

# step: a server
# Settings of whoever runs this have no say.
for name in $(compgen -v VITALD_); do unset "$name"; done
warehouse_token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
cat >"$work/vitald.toml" <<SETTINGS
data = "$work/data"
listen = "127.0.0.1:0"
# Applications on this machine may be told.
callbacks = "any"
# What the warehouse's program proves itself with.
fulfilment_token = "$warehouse_token"
SETTINGS
"$vitald" --config "$work/vitald.toml" --log info --log-json serve 2>"$work/log" &
server=$!
url=
for _ in $(seq 300); do
  url=$(sed -n 's/.*"listening".*"address":"\([^"]*\)".*/http:\/\/\1/p' "$work/log")
  [ -z "$url" ] || break
  kill -0 "$server" 2>/dev/null || fail "vitald serve ended: $(cat "$work/log")"
  sleep 0.1
done
[ -n "$url" ] || fail "vitald serve does not listen: $(cat "$work/log")"
say "A server listens at $url."

# step: the operator
answer=$(operator organization create --name Clinic \
  --entitlement cellular --entitlement logistics --entitlement rpm)
organization=$(field organization_id "$answer")
# Your program has an address of its own that is told things. Here nobody takes them: the address is
# there, which is all that subscribing asks, and what was to be told waits in the list of them.
callback=$url/healthz
answer=$(operator client create --name 'Heart Care' --redirect-uri https://clinic.example/back \
  --organization "$organization" --entitlement cellular --entitlement logistics --entitlement rpm \
  --notify-uri "$callback")
VITALD_CLIENT_ID=$(field client_id "$answer")
VITALD_CLIENT_SECRET=$(field client_secret "$answer")
export VITALD_CLIENT_ID VITALD_CLIENT_SECRET
say "The organization Clinic has an application, Heart Care."

scale=00:24:e4:00:01:17 cuff=00:24:e4:00:01:47
answer=$(printf '%s\n' mac,model,serial "$scale,17,S-17" "$cuff,47,S-47" |
  operator device import - --organization "$organization")
has '"registered": 2' "$answer"
operator product add --partner-ref KIT-1 --name 'A scale and a cuff' --model 17 --model 47 \
  --organization "$organization" >/dev/null
answer=$(operator care program add --organization "$organization" --name Hypertension)
programme=$(field programid "$answer")
operator survey load "$here/survey-high-blood-pressure.json" --organization "$organization" >/dev/null
say "Two devices are registered for it, a kit of both can be ordered, and a survey is there."

# step: the order
answer=$(partner dropshipment createuserorder email=nina@example.org shortname=NIN gender=1 \
  birthdate=-320630400 preflang=fr_FR timezone=Europe/Paris mailingpref=0 external_id=patient-18 \
  phonenumber=+33612345678 recovery_code=open-sesame unit_pref='{"weight":1}' \
  measures='[{"value":168,"unit":-2,"type":4},{"value":81,"unit":0,"type":1}]' \
  order='[{"customer_ref_id":"R-1","products":[{"partner_ref":"KIT-1","quantity":1}],
    "address":{"name":"Nina","email":"nina@example.org","address1":"1 rue de la Paix",
      "city":"Paris","zip":"75002","country":"FR"}}]')
order=$(field order_id "$answer")
code=$(field code "$answer")
say "The partner made an account for Nina and ordered a kit for her: order $order."

answer=$(warehouse '{"status": "PROCESSING"}')
has '"status":"PROCESSING"' "$answer"
answer=$(warehouse "{\"ship\": {\"carrier\": \"UPS\", \"tracking_number\": \"1Z\", \"devices\": [
  {\"mac_address\": \"$scale\", \"serial_number\": \"S-17\"},
  {\"mac_address\": \"$cuff\", \"serial_number\": \"S-47\"}]}}")
has '"status":"SHIPPED"' "$answer"
answer=$(operator notification list "$VITALD_CLIENT_ID" --appli 0)
has '"appli": 0' "$answer"
say "The warehouse shipped it, and there are notifications of that for the partner."

# step: the tokens
answer=$(partner oauth2 requesttoken grant_type=authorization_code code="$code" \
  redirect_uri=https://clinic.example/back)
VITALD_ACCESS_TOKEN=$(field access_token "$answer")
export VITALD_ACCESS_TOKEN
user=$(field userid "$answer")
answer=$(partner user getdevice)
has '"sim_status":"ACTIVE"' "$answer"
hasnt '"sim_status":"READY"' "$answer"
say "The code became tokens; both devices are Nina's, and their lines are active."

# step: the programme
for appli in 1 4 60; do
  partner notify subscribe callbackurl="$callback" appli=$appli >/dev/null
done
partner user addtorpm userid="$user" programid="$programme" >/dev/null
partner device enablefeature userid="$user" model=17 feature_name=feature_eyes_closed_mode >/dev/null
answer=$(partner nudge create model=17 iconids=5 content='["Time for a glass","of water"]')
nudge=$(field nudgeid "$answer")
now=$(date +%s)
answer=$(partner nudgecampaign create nudgeid="$nudge" startdate="$now" enddate=$((now + 2592000)) \
  max_display_count=1)
campaign=$(field campaignid "$answer")
partner nudgecampaign addusers nudgecampaignid="$campaign" userids="$user" >/dev/null
partner survey activate surveyid=120 userids="$user" >/dev/null
say "Nina is in the programme: her scale hides her weight and shows a nudge, her cuff may ask."

# step: the scale
answer=$(operator device token --mac "$scale")
scale_token=$(field token "$answer")
device=$(field deviceid "$answer")
answer=$(sync "$scale_token" '')
has '"feature_name":"feature_eyes_closed_mode","active":true' "$answer"
has '"content":["Time for a glass","of water"]' "$answer"
nudge_record() { echo "{\"id\":\"$1\",\"type\":\"nudge\",\"campaignid\":$campaign,\"event\":\"$1\",\"date\":$now}"; }
answer=$(sync "$scale_token" "$(nudge_record delivered), $(nudge_record displayed),
  {\"id\":\"w\",\"type\":\"measures\",\"taken_at\":$now,\"measures\":[{\"type\":1,\"value\":81400,\"unit\":-3}]}")
has '"stored":3' "$answer"
hasnt '"nudges"' "$answer"
answer=$(partner nudgecampaign listusers nudgecampaignid="$campaign")
has '"display_count":1' "$answer"
has "\"completion_date\":$now" "$answer"
say "The scale was told so at its sync, and showed the nudge; the campaign is complete for her."

# step: the raw signals
answer=$(operator token issue --client "$VITALD_CLIENT_ID" --user "$user" --scope user.info,user.rawdata)
agreed=$(field access_token "$answer")
partner rawdata activate --token "$agreed" hash_deviceid="$device" rawdata_type=1 \
  enddate=$((now + 86400)) >/dev/null
answer=$(sync "$scale_token" '')
has "\"rawdata\":[{\"userid\":$user,\"rawdata_type\":1" "$answer"
say "Nina let the partner have raw signals, and the scale is asked for them."

# step: the survey
cuff_token=$(field token "$(operator device token --mac "$cuff")")
answer=$(sync "$cuff_token" "{\"id\":\"p\",\"type\":\"measures\",\"taken_at\":$now,\"measures\":[
  {\"type\":10,\"value\":185,\"unit\":0},{\"type\":9,\"value\":121,\"unit\":0}]}")
has '"name":"Tension élevée"' "$answer"
grpid=$(field grpid "$answer")
answer=$(sync "$cuff_token" "{\"id\":\"s\",\"type\":\"survey\",\"surveyid\":120,\"grpid\":$grpid,
  \"date\":$now,\"answers\":{\"q1\":[1],\"q3\":[1,4]}}")
has '"stored":1' "$answer"
hasnt '"due"' "$answer"
answer=$(partner answers get userid="$user" startdate="$now")
has "\"grpid\":$grpid,\"answers\":[{\"q1\":[1],\"q3\":[1,4]}]" "$answer"
answer=$(partner measure getmeas meastype=10)
has "\"grpid\":$grpid" "$answer"
answer=$(operator notification list "$VITALD_CLIENT_ID" --user "$user")
for appli in 1 4 60; do has "\"appli\": $appli," "$answer"; done
say "185/121 made the cuff ask, notifications tell of it, and the partner reads what was answered."

# step: the account
status=$(curl -sS -o "$work/page" -w '%{http_code}' "$url/account/claim" -H "Origin: $url" \
  -d email=nina@example.org -d code=open-sesame --data-urlencode 'password=correct horse battery')
[ "$status" = 303 ] || fail "expected 303 of /account/claim, not $status"
say "Nina took her account over: it has a password of her own now."

# step: the end
for mac in "$scale" "$cuff"; do
  answer=$(partner device endpartnerprogram mac_address="$mac" status=TERMINATED)
  has '"new_sim_status":"TERMINATED"' "$answer"
done
ends=$(field termination_date "$answer")
answer=$(sync "$cuff_token" '')
has "\"program_ends\":$ends" "$answer"
answer=$(partner user getdevice)
hasnt '"sim_status":"ACTIVE"' "$answer"
say "The programme ends in $(((ends - $(date +%s) + 1800) / 3600)) hours; the devices know it."
say "That was a programme from beginning to end."
