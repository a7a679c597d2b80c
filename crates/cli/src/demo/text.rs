//! What `vitald demo` says to try: commands to paste, whose dates are those of the day it starts.

use super::{Printed, SCALE_MAC, sync};
use domain::{DAY_SECONDS, calendar};

impl Printed {
    pub(super) fn what_to_try(&self, now: i64) -> String {
        let three_days_ago = now - 3 * DAY_SECONDS;
        let yesterday = calendar::date(sync::today(now) - 1);
        let last_night = calendar::date(sync::last_night(now));
        let Self { base_url, client_id, client_secret, redirect_uri, email, password, .. } = self;
        let (access_token, refresh_token) = (&self.access_token, &self.refresh_token);
        let (data, userid) = (self.data.display(), self.userid);
        format!(
            "vitald listens at {base_url}; its data is in {data}. Stop it with Ctrl-C.

The demo person (userid {userid}) weighs in most mornings and has for two years, and has worn a
watch and slept on a sensor for sixty days.

The last three weights, read as a program written for Withings reads them:
  curl -s {base_url}/measure -H 'Authorization: Bearer {access_token}' \\
    -d action=getmeas -d meastype=1 -d startdate={three_days_ago}

What they did yesterday, as the watch counted it:
  curl -s {base_url}/v2/measure -H 'Authorization: Bearer {access_token}' \\
    -d action=getactivity -d startdateymd={yesterday} -d enddateymd={yesterday}

How they slept last night:
  curl -s {base_url}/v2/sleep -H 'Authorization: Bearer {access_token}' \\
    -d action=getsummary -d startdateymd={last_night} -d enddateymd={last_night}

Their electrocardiograms (action=get with a signalid gives the signal of one):
  curl -s {base_url}/v2/heart -H 'Authorization: Bearer {access_token}' -d action=list

Their devices:
  curl -s {base_url}/v2/user -H 'Authorization: Bearer {access_token}' -d action=getdevice

A new pair of tokens:
  curl -s {base_url}/v2/oauth2 -d action=requesttoken -d grant_type=refresh_token \\
    -d client_id={client_id} \\
    -d client_secret={client_secret} \\
    -d refresh_token={refresh_token}

Be the scale: open a session, weigh 81.5 kg, and read it back with the first command:
  S=$(curl -s {base_url}/cgi-bin/session -d action=new -d auth={SCALE_MAC} \\
    | sed 's/.*\"sessionid\":\"\\([^\"]*\\)\".*/\\1/')
  curl -s {base_url}/cgi-bin/measure -d action=store -d sessionid=$S -d userid={userid} \\
    -d meastime=$(date +%s) -d attribstatus=0 \\
    --data-urlencode 'measures={{\"measures\":[{{\"value\":81500,\"type\":1,\"unit\":-3}}]}}'

Point your own program here: address {base_url}, client_id and client_secret as above,
redirect_uri {redirect_uri}. In a browser, log in as {email} with {password}:
  {base_url}/oauth2_user/authorize2?response_type=code&state=hello&scope=user.info,user.metrics&client_id={client_id}&redirect_uri={redirect_uri}
"
        )
    }
}
