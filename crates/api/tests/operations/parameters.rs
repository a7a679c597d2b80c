//! Every parameter of every built operation, missing and malformed. What there is to send is read
//! from the table's schemas, so a new operation is covered as soon as it stands there.

use crate::access::good_form;
use crate::app::{ALL_SCOPES, App, assert_names, error, status};
use api::caller::Proof;
use api::form::{BodyKind, Request};
use api::operation::{Built, Entry};
use api::ops;
use serde_json::{Value, json};

const PLANTED: &str = "s3cr3t-7f9c";

/// What a parameter holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Integer,
    Integers,
    Texts,
    /// JSON in a text.
    Objects,
    Boolean,
    /// One of some words.
    Word,
    Text,
}

#[derive(Debug, Clone)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    kind: Kind,
    is_required: bool,
}

pub(crate) fn parameters(built: &Built) -> Vec<Parameter> {
    let mut generator = schemars::SchemaGenerator::default();
    let root = (built.params)(&mut generator).to_value();
    let definitions = Value::from(generator.take_definitions(true));
    let object = resolve(&root, &definitions);
    let required = object["required"].as_array().cloned().unwrap_or_default();
    let properties = object["properties"].as_object().cloned().unwrap_or_default();
    let described = |(name, schema): (String, Value)| {
        let kind = kind(resolve(&schema, &definitions), &definitions);
        let is_required = required.iter().any(|required| required == name.as_str());
        Parameter { name, kind, is_required }
    };
    properties.into_iter().map(described).collect()
}

/// Follows references and leaves null aside.
fn resolve<'s>(schema: &'s Value, definitions: &'s Value) -> &'s Value {
    let referred = schema["$ref"].as_str().and_then(|name| name.rsplit('/').next());
    let choice = schema["anyOf"].as_array().into_iter().flatten();
    match (referred, choice.clone().find(|choice| choice["type"] != "null")) {
        (Some(name), _) => resolve(&definitions[name], definitions),
        (None, Some(choice)) => resolve(choice, definitions),
        (None, None) => schema,
    }
}

fn kind(schema: &Value, definitions: &Value) -> Kind {
    let is = |schema: &Value, name: &str| {
        let kinds = schema["type"].as_array().into_iter().flatten();
        schema["type"] == name || kinds.clone().any(|kind| kind == name)
    };
    match () {
        () if schema["oneOf"].is_array() || schema["enum"].is_array() => Kind::Word,
        () if is(schema, "array") && is(resolve(&schema["items"], definitions), "integer") => {
            Kind::Integers
        }
        () if is(schema, "array") && is(resolve(&schema["items"], definitions), "string") => {
            Kind::Texts
        }
        () if is(schema, "array") && is(resolve(&schema["items"], definitions), "object") => {
            Kind::Objects
        }
        () if is(schema, "integer") => Kind::Integer,
        () if is(schema, "boolean") => Kind::Boolean,
        () if is(schema, "string") => Kind::Text,
        () => panic!("say here how a parameter like this is malformed: {schema}"),
    }
}

/// A good call of an operation, to which one thing is done.
pub(crate) struct Case<'a> {
    app: &'a App,
    entry: &'static Entry,
    fields: Vec<(String, String)>,
    header: Option<String>,
}

impl<'a> Case<'a> {
    pub(crate) fn of(app: &'a App, entry: &'static Entry, built: &Built) -> Self {
        let person = app.does(|tx| api::admin::find_account(tx, "anna@example.com"));
        let mut form = format!("action={}&", entry.action.unwrap());
        let mut header = None;
        match built.proof {
            Proof::Bearer(_)
            | Proof::AnyBearer
            | Proof::BearerOrSigned(_)
            | Proof::AnyBearerOrSigned => {
                header = Some(format!("Bearer {}", app.token(&person, ALL_SCOPES)));
            }
            Proof::SecretOrSigned => form += &format!("{}&", app.program.credentials()),
            Proof::Signed(_) => {}
            Proof::Timestamp => form += &format!("{}&", app.program.signs_time(app.now())),
        }
        form += &good_form(app, &person, entry);
        let fields = form_urlencoded::parse(form.as_bytes()).into_owned().collect();
        Self { app, entry, fields, header }
    }

    /// The same call, of which nothing is spent yet.
    fn anew(&self) -> Self {
        Self::of(self.app, self.entry, self.entry.built().unwrap())
    }

    fn without(&self, name: &str) -> Vec<(String, String)> {
        self.fields.iter().filter(|(given, _)| given != name).cloned().collect()
    }

    /// What a signed call needs anew each time.
    fn proof(&self) -> Vec<(String, String)> {
        if !matches!(self.entry.built().unwrap().proof, Proof::Signed(_)) {
            return Vec::new();
        }
        let proof = self.app.signed(&self.app.program, self.entry.action.unwrap());
        form_urlencoded::parse(proof.as_bytes()).into_owned().collect()
    }

    fn send(&self, mut fields: Vec<(String, String)>) -> Value {
        fields.extend(self.proof());
        let request = Request::of_fields("", fields, self.header.as_deref()).unwrap();
        self.app.answer(self.entry.path, request)
    }

    /// The call with another text for one parameter.
    pub(crate) fn with(&self, name: &str, text: &str) -> Value {
        let mut fields = self.without(name);
        fields.push((name.to_owned(), text.to_owned()));
        self.send(fields)
    }

    /// Whether the good call has it.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(given, _)| given == name)
    }

    /// The call with more parameters.
    pub(crate) fn with_all(&self, more: &[(&str, &str)]) -> Value {
        let mut fields = self.fields.clone();
        fields.extend(more.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())));
        self.send(fields)
    }

    /// The call as JSON with another value for one parameter.
    fn with_json(&self, name: &str, value: &Value) -> Value {
        let fields = self.without(name).into_iter().chain(self.proof());
        let fields = fields.map(|(name, text)| (name, text.into()));
        let mut object: serde_json::Map<String, Value> = fields.collect();
        object.insert(name.to_owned(), value.clone());
        let body = Value::from(object).to_string();
        let header = self.header.as_deref();
        let request = Request::parse("", BodyKind::Json, body.as_bytes(), header).unwrap();
        self.app.answer(self.entry.path, request)
    }
}

/// Does something to every parameter of every built operation.
fn each(test: impl Fn(&Case<'_>, &Parameter)) {
    let app = App::new();
    app.person("anna");
    let mut count = 0;
    for entry in ops::every() {
        let Some(built) = entry.built() else { continue };
        for parameter in parameters(built) {
            test(&Case::of(&app, entry, built), &parameter);
            count += 1;
        }
    }
    assert!(count >= 13, "only {count} parameters were found");
}

fn error_or_none(answer: &Value) -> &str {
    answer["error"].as_str().unwrap_or_default()
}

#[track_caller]
fn assert_quiet(answer: &Value) {
    assert!(!error(answer).contains(PLANTED), "{answer}");
}

#[test]
fn a_required_parameter_that_is_missing_is_named() {
    each(|case, parameter| {
        if !parameter.is_required {
            return;
        }
        let name = parameter.name.as_str();
        let answers = [
            case.send(case.without(name)),
            case.with(name, ""),
            case.with_json(name, &Value::Null),
        ];
        for answer in answers {
            assert_eq!(status(&answer), 503, "{answer}");
            assert_eq!(error(&answer), format!("Invalid Params: missing {name}"));
        }
    });
}

#[test]
fn an_optional_parameter_that_is_blank_is_absent() {
    each(|case, parameter| {
        let name = parameter.name.as_str();
        if parameter.is_required || case.fields.iter().any(|(given, _)| given == name) {
            return;
        }
        let expected = case.send(case.fields.clone());
        assert_eq!(status(&expected), 0);
        // What these make is new each time.
        const MAKE: [&str; 8] = [
            "requesttoken",
            "createclient",
            "create",
            "activate",
            "createorder",
            "createuserorder",
            "getdetail",
            "getorderstatus",
        ];
        let is_spent = MAKE.contains(&case.entry.action.unwrap());
        let blanks = [json!(""), json!(null)];
        for blank in blanks {
            let answer = case.anew().with_json(name, &blank);
            assert_eq!(status(&answer), 0, "{name}: {answer}");
            assert!(is_spent || answer == expected, "{name}: {answer}");
        }
    });
}

#[test]
fn a_malformed_integer_is_named_and_not_repeated() {
    each(|case, parameter| {
        if parameter.kind != Kind::Integer {
            return;
        }
        let name = parameter.name.as_str();
        let texts =
            "x|1.5|99999999999999999999|-99999999999999999999|1e3|[1]|1,2|true|0x1|s3cr3t-7f9c";
        for text in texts.split('|') {
            let answer = case.with(name, text);
            assert_names(&answer, name);
            assert_quiet(&answer);
        }
        for value in [json!(1.5), json!(1e30), json!(true), json!({"a": 1}), json!(PLANTED)] {
            let answer = case.with_json(name, &value);
            assert_names(&answer, name);
            assert_quiet(&answer);
        }
    });
}

#[test]
fn an_integer_at_the_edge_is_taken_or_named() {
    each(|case, parameter| {
        if parameter.kind != Kind::Integer {
            return;
        }
        // What is signed has tests of its own: another time is another signature.
        if case.entry.built().unwrap().proof == Proof::Timestamp {
            return;
        }
        // Takes one of its parameters a call.
        let is_alone = case.entry.action == Some("delete");
        for edge in [i64::MIN, i64::MIN + 1, -1, 0, 1 << 22, 1 << 31, i64::MAX - 1, i64::MAX] {
            let case = case.anew();
            let mut fields = case.without(&parameter.name);
            fields.retain(|(name, _)| !is_alone || name == "action");
            fields.push((parameter.name.clone(), edge.to_string()));
            let answer = case.send(fields);
            if status(&answer) != 0 {
                assert_names(&answer, &parameter.name);
            }
        }
    });
}

#[test]
fn a_malformed_list_is_named_and_not_repeated() {
    each(|case, parameter| {
        if parameter.kind != Kind::Integers {
            return;
        }
        let name = parameter.name.as_str();
        for text in "x|1,x|1,1.5|[1|[1,\"x\"]|[1.5]|1,99999999999999999999|s3cr3t-7f9c".split('|') {
            let answer = case.with(name, text);
            assert_names(&answer, name);
            assert_quiet(&answer);
        }
        for value in [json!([1, 1.5]), json!([PLANTED]), json!({"a": 1}), json!([{"a": 1}])] {
            let answer = case.with_json(name, &value);
            assert_names(&answer, name);
            assert_quiet(&answer);
        }
    });
}

#[test]
fn a_malformed_list_of_objects_is_named_and_not_repeated() {
    each(|case, parameter| {
        if parameter.kind != Kind::Objects {
            return;
        }
        let name = parameter.name.as_str();
        for text in ["x", "1,2", "[1]", "[{", "{}", "[\"s3cr3t-7f9c\"]", PLANTED] {
            let answer = case.with(name, text);
            assert_names(&answer, name);
            assert_quiet(&answer);
        }
        for value in [json!([1]), json!([PLANTED]), json!({"a": PLANTED}), json!([[{}]])] {
            let answer = case.with_json(name, &value);
            assert_names(&answer, name);
            assert_quiet(&answer);
        }
    });
}

#[test]
fn a_malformed_boolean_is_named_and_not_repeated() {
    each(|case, parameter| {
        if parameter.kind != Kind::Boolean {
            return;
        }
        for text in ["x", "2", "-1", "1.0", "yes", "[1]", PLANTED] {
            let answer = case.with(&parameter.name, text);
            assert_names(&answer, &parameter.name);
            assert_quiet(&answer);
        }
        for value in [json!(2), json!(0.5), json!({"a": 1}), json!(PLANTED)] {
            let answer = case.with_json(&parameter.name, &value);
            assert_names(&answer, &parameter.name);
            assert_quiet(&answer);
        }
    });
}

#[test]
fn a_word_outside_its_set_is_named_and_not_repeated() {
    each(|case, parameter| {
        if parameter.kind == Kind::Word {
            for text in ["x", "0", PLANTED] {
                let answer = case.with(&parameter.name, text);
                assert_names(&answer, &parameter.name);
                assert_quiet(&answer);
            }
        }
    });
}

#[test]
fn a_text_without_end_or_with_control_characters_is_named_or_harmless() {
    let (long, controls) = (PLANTED.repeat(8_000), format!("{PLANTED}\u{1b}[2J\r\n"));
    each(|case, parameter| {
        // Who redeems a code learns no more than that it is not good.
        if parameter.kind != Kind::Text || case.entry.action == Some("requesttoken") {
            return;
        }
        for text in [&long, &controls] {
            let answer = case.anew().with(&parameter.name, text);
            assert!(!answer.to_string().contains(PLANTED), "{}: {answer}", parameter.name);
            // Some have refusals of their own, which the reference names by number.
            // And some miss another one beside it.
            let text = error_or_none(&answer);
            let is_told = text.contains(&parameter.name) || text.contains(": missing ");
            assert!(status(&answer) != 503 || is_told, "{}: {answer}", parameter.name);
        }
    });
}

#[test]
fn a_parameter_given_twice_with_different_texts_is_named() {
    each(|case, parameter| {
        if [Kind::Integers, Kind::Texts, Kind::Objects].contains(&parameter.kind) {
            return;
        }
        let name = parameter.name.as_str();
        // Lists that the reference calls texts.
        if ["order_ids", "customer_ref_ids"].contains(&name) {
            return;
        }
        let given = case.fields.iter().find(|(given, _)| given == name);
        let first = given.map_or("1", |(_, text)| text.as_str());
        let mut fields = case.without(name);
        fields.extend([first, PLANTED].map(|text| (name.to_owned(), text.to_owned())));
        let answer = case.send(fields);
        assert_names(&answer, name);
        assert_quiet(&answer);
    });
}
