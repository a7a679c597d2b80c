//! The API as a document: what is printed and what is served are the same.

use crate::home::{Home, run, vitald};
use serde_json::Value;

const ADDRESS: &str = "https://health.example.org";

/// What `vitald openapi` prints.
fn printed(arguments: &[&str]) -> Value {
    run(vitald(&[&["openapi"], arguments].concat()), "").json()
}

/// What a server started with these arguments serves.
fn served(arguments: &[&str]) -> Value {
    let home = Home::new();
    let running = home.serves_with(arguments);
    let address = format!("{}/openapi.json", running.base_url);
    let builder = reqwest::blocking::Client::builder().no_proxy();
    let builder = builder.tls_backend_preconfigured(server::tls::outgoing().unwrap());
    let answer = builder.build().unwrap().get(address).send().unwrap();
    serde_json::from_slice(&answer.bytes().unwrap()).unwrap()
}

#[test]
fn the_served_document_is_the_printed_one() {
    let known = ["--public-url", ADDRESS];
    assert_eq!(served(&known), printed(&known));
    assert_eq!(printed(&known)["servers"][0]["url"], ADDRESS);
    assert_eq!(served(&[]), printed(&[]));
}

#[test]
fn it_is_json_with_and_without_being_asked_for() {
    assert_eq!(printed(&["--json"]), printed(&[]));
    assert_eq!(printed(&[])["openapi"], "3.1.0");
}

#[test]
fn an_address_that_is_none_is_wrong_usage() {
    let ran = run(vitald(&["openapi", "--public-url", "ftp://health.example.org"]), "");
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));
}
