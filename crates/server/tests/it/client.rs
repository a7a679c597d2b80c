//! The client of the table over HTTP: for every operation that is built the proof it sends arrives.

use crate::app::App;
use api::caller::Proof;
use api::client::{Client, Credentials, Pair, Problem, Transport, Unreached};
use api::ops;
use api::ops::measure::GetMeas;
use api::ops::oauth2::RequestToken;
use domain::status::{Family, family};
use serde_json::json;

impl Transport for &App {
    fn send(
        &self,
        path: &str,
        bearer: Option<&str>,
        fields: &[Pair],
    ) -> Result<Vec<u8>, Unreached> {
        let request = self.request("POST", path).form(fields);
        let request = match bearer {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        Ok(self.sends(request).json().to_string().into_bytes())
    }
}

const SCOPES: &str =
    "user.info,user.metrics,user.activity,user.sleepevents,user.data,user.rawdata,vitald.delete";

#[test]
fn every_operation_knows_who_calls() {
    let app = App::new();
    let anna = app.person("anna");
    let program = app.partner();
    let tokens = anna.lets(&program, SCOPES);
    let right = Credentials {
        access_token: Some(tokens.access),
        ..Credentials::application(&program.id, &program.secret)
    };
    let wrong = Credentials {
        access_token: Some("wrong".to_owned()),
        ..Credentials::application(&program.id, "wrong")
    };
    let [right, wrong] =
        [right, wrong].map(|credentials| Client::new(&app, credentials, app.clock.shared()));
    for entry in ops::every().filter(|entry| entry.built().is_some()) {
        let family_of = |client: &Client<&App>| {
            let answer = client.send(entry, Vec::new()).expect("an answer");
            family(answer.status().try_into().expect("a status"))
        };
        // Without parameters a call may be refused, but not for its proof.
        let known = family_of(&right);
        assert!(matches!(known, Family::Success | Family::InvalidParams), "{:?}", entry.action);
        let is_signed = entry
            .built()
            .is_some_and(|built| matches!(built.proof, Proof::Signed(_) | Proof::Timestamp));
        // 342 is of the family of parameters.
        let refused = if is_signed { Family::InvalidParams } else { Family::AuthenticationFailed };
        assert_eq!(family_of(&wrong), refused, "{:?}", entry.action);
    }
}

#[test]
fn a_program_in_rust_reads_in_types() {
    let app = App::new();
    let anna = app.person("anna");
    let program = app.client();
    let scale = app.scale(&[&anna]);
    scale.weighs(66_850, crate::app::NOW - 60);
    let calls = |credentials| Client::new(&app, credentials, app.clock.shared());
    let key = Credentials::application(&program.id, &program.secret);
    let tokens = anna.lets(&program, SCOPES);
    let grant = json!({ "grant_type": "refresh_token", "refresh_token": tokens.refresh });
    let renewed = calls(key).call::<RequestToken>(&grant).expect("tokens");
    let reader = calls(Credentials::token(renewed["access_token"].as_str().expect("a token")));
    let all = reader.call::<GetMeas>(&GetMeas::default()).expect("measures");
    let all = all.typed().expect("the operation's own type");
    let values: Vec<_> = all.measuregrps.iter().map(|group| group.measures[0].value).collect();
    assert_eq!(values, [66_850]);
    app.clock.advance(10_800);
    let expired = reader.call::<GetMeas>(&GetMeas::default());
    let Err(Problem::Refused(refused)) = expired else { panic!("still good: {expired:?}") };
    assert_eq!(refused.status, 401);
}
