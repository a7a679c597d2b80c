//! How real programs write their requests, shape by shape, and what no request may do: panic, or
//! have a value of its own repeated in an error.

use super::*;
use domain::{Error, Status};
use proptest::prelude::*;
use serde::Deserialize;
use std::collections::BTreeMap;

const PLANTED: &str = "s3cr3t-7f9c";

/// Parameters of every kind an operation can ask for.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
struct Wanted {
    number: Option<i64>,
    small: Option<u8>,
    flag: Option<bool>,
    #[serde(default)]
    list: Vec<i64>,
    #[serde(default)]
    words: Vec<String>,
    kind: Option<Kind>,
    text: Option<String>,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    FirstKind,
    SecondKind,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
struct Needed {
    number: i64,
}

fn parse(query: &str, kind: BodyKind, body: &str) -> Request {
    Request::parse(query, kind, body.as_bytes(), None).expect("a request that can be read")
}

fn form(body: &str) -> Request {
    parse("", BodyKind::Form, body)
}

fn json(body: &str) -> Request {
    parse("", BodyKind::Json, body)
}

fn wanted(request: &Request) -> Wanted {
    request.params().expect("parameters that can be read")
}

fn with_header(authorization: &str, body: &str) -> Request {
    let parsed = Request::parse("", BodyKind::Form, body.as_bytes(), Some(authorization));
    parsed.expect("a request that can be read")
}

/// The refusal of parameters: 503, names the parameter, keeps the planted value to itself.
fn refusal(result: Result<Wanted>, name: &str) -> Refusal {
    let Err(Error::Refused(refusal)) = result else { panic!("not refused: {result:?}") };
    assert_refused(&refusal, name);
    *refusal
}

fn assert_refused(refusal: &Refusal, name: &str) {
    assert_eq!(refusal.status, Status::INVALID_PARAMS);
    for text in [&refusal.text, &refusal.cause] {
        assert!(text.contains(name), "{text:?} does not name {name}");
        assert!(!text.contains(PLANTED), "{text:?} repeats the value");
    }
}

fn unreadable(parsed: std::result::Result<Request, Refusal>, name: &str) -> Refusal {
    let refusal = parsed.expect_err("a request that cannot be read");
    assert_refused(&refusal, name);
    refusal
}

#[test]
fn every_place_of_the_parameters_reads_the_same() {
    let expected = Wanted {
        number: Some(5),
        text: Some("a b".to_owned()),
        list: vec![1, 4],
        ..Wanted::default()
    };
    let (half, whole) = ("action=getmeas&number=5", "action=getmeas&number=5&list=1,4&text=a+b");
    for (name, request) in [
        ("query client", parse(whole, BodyKind::Form, "")),
        ("the usual", parse("", BodyKind::Form, whole)),
        ("split", parse(half, BodyKind::Form, "list=1,4&text=a+b")),
        ("said twice", parse(half, BodyKind::Form, whole)),
        ("empty body said to be JSON", parse(whole, BodyKind::Json, "")),
        ("blank body said to be JSON", parse(whole, BodyKind::Json, " \r\n")),
        ("a last line end", parse("", BodyKind::Form, &format!("{whole}\r\n"))),
        ("JSON", json(r#"{"action":"getmeas","number":5,"text":"a b","list":[1,4]}"#)),
        ("JSON of texts", json(r#"{"action":"getmeas","number":"5","text":"a b","list":"1,4"}"#)),
        ("half", parse(half, BodyKind::Json, r#"{"text":"a b","list":[1,4]}"#)),
    ] {
        assert_eq!(request.text("action"), Ok(Some("getmeas")), "{name}");
        assert_eq!(wanted(&request), expected, "{name}");
    }
}

#[test]
fn fields_that_were_taken_apart_already_read_the_same() {
    let fields = [("number", "5"), ("list[]", "1"), ("list[]", "4")];
    let fields = fields.map(|(name, text)| (name.to_owned(), text.to_owned())).to_vec();
    let request = Request::of_fields("action=getmeas", fields, Some("Bearer t")).expect("read");
    assert_eq!(request.text("action"), Ok(Some("getmeas")));
    assert_eq!(request.access_token(), Ok(Some("t")));
    assert_eq!(wanted(&request), Wanted { number: Some(5), list: vec![1, 4], ..Wanted::default() });
}

#[test]
fn the_content_type_says_what_the_body_is() {
    for (content_type, body, kind) in [
        (Some("application/x-www-form-urlencoded"), "{", BodyKind::Form),
        (Some("application/x-www-form-urlencoded; charset=utf-8"), "a=1", BodyKind::Form),
        (Some("application/json"), "a=1", BodyKind::Json),
        (Some("Application/JSON; charset=utf-8"), "", BodyKind::Json),
        (Some("application/vnd.example+json"), "", BodyKind::Json),
        (Some("multipart/form-data; boundary=x"), "--x", BodyKind::Multipart),
        (Some("text/plain"), "{}", BodyKind::Form),
        (Some(""), " {}", BodyKind::Json),
        (None, "\r\n {\"a\":1}", BodyKind::Json),
        (None, "a={}", BodyKind::Form),
        (None, "", BodyKind::Form),
    ] {
        assert_eq!(BodyKind::of(content_type, body.as_bytes()), kind, "{content_type:?} {body}");
    }
}

#[test]
fn lists_are_read_in_every_spelling() {
    for body in [
        "list=1,4,-6",
        "list=1%2C4%2C-6",
        "list=+1+,+4,-6+",
        "list=1,,4,-6,",
        "list=[1,4,-6]",
        "list=%5B1%2C+4%2C+-6%5D",
        "list=[\"1\",\"4\",\"-6\"]",
        "list[]=1&list[]=4&list[]=-6",
        "list%5B%5D=1&list%5B%5D=4&list%5B%5D=-6",
        "list[0]=1&list[1]=4&list[2]=-6",
        "list=1&list=4&list=-6",
        "list[]=1,4&list[]=-6",
        "list=1,4&list[]=[-6]",
    ] {
        assert_eq!(wanted(&form(body)).list, [1, 4, -6], "{body}");
    }
    for list in ["[1,4,-6]", r#"["1","4","-6"]"#, r#""1,4,-6""#, r#""[1,4,-6]""#] {
        assert_eq!(wanted(&json(&format!("{{\"list\":{list}}}"))).list, [1, 4, -6], "{list}");
        assert_eq!(wanted(&json(&format!("{{\"list[]\":{list}}}"))).list, [1, 4, -6], "{list}");
    }
}

#[test]
fn lists_can_be_empty_and_hold_one() {
    for body in ["list=", "list=,", "list=[]", "list[]=", "list", "list=+", "number=1"] {
        assert_eq!(wanted(&form(body)).list, [0_i64; 0], "{body}");
    }
    assert_eq!(wanted(&json(r#"{"list":[]}"#)).list, [0_i64; 0]);
    assert_eq!(wanted(&json(r#"{"list[]":[]}"#)).list, [0_i64; 0]);
    assert_eq!(wanted(&form("list=7")).list, [7]);
    assert_eq!(wanted(&json(r#"{"list":7}"#)).list, [7]);
    assert_eq!(wanted(&form("words=sleep,,steps")).words, ["sleep", "steps"]);
}

#[test]
fn lists_with_a_bad_element_are_refused_by_name() {
    let bad = "1,x|1,1.5|1;2|1 2|[1|[1,2|[x]|[1.5]|[null]|[true]|[[1]]|[{}]|99999999999999999999|\
               1,-99999999999999999999|s3cr3t-7f9c|[1,\"s3cr3t-7f9c\"]";
    for text in bad.split('|') {
        let encoded: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
        refusal(form(&format!("list={encoded}")).params(), "list");
        refusal(form(&format!("list[]=1&list[]={encoded}")).params(), "list");
    }
    refusal(json(&format!(r#"{{"list":[1,"{PLANTED}"]}}"#)).params(), "list");
    refusal(json(r#"{"list":[1,2.5]}"#).params(), "list");
    refusal(json(r#"{"list":[{"a":1}]}"#).params(), "list");
}

#[test]
fn json_scalars_become_their_texts_and_null_is_absent() {
    let request = json(
        r#"{"number":-5,"small":255,"flag":true,"kind":"second_kind","text":null,"list":null,
            "nested":{"value":66850,"list":[1,{"a":null}]},"objects":[{"a":1}],"unknown":[]}"#,
    );
    let expected = Wanted {
        number: Some(-5),
        small: Some(255),
        flag: Some(true),
        kind: Some(Kind::SecondKind),
        ..Wanted::default()
    };
    assert_eq!(wanted(&request), expected);
    let nested = request.text("nested").expect("one text").map(serde_json::from_str::<Json>);
    let nested = nested.expect("present").expect("still JSON");
    assert_eq!(nested, serde_json::json!({"value": 66850, "list": [1, {"a": null}]}));
    assert_eq!(request.text("objects"), Ok(Some(r#"[{"a":1}]"#)));
    assert_eq!(request.text("text"), Ok(None));
    assert_eq!(wanted(&json(r#"{"flag":false}"#)).flag, Some(false));
}

#[test]
fn a_body_that_is_no_json_object_is_refused() {
    for body in ["{", "[]", "5", "null", "\"text\"", "a=1", "{\"a\":1}x", "\u{feff}{}", PLANTED] {
        unreadable(Request::parse("", BodyKind::Json, body.as_bytes(), None), "body");
    }
    let deep = format!("{{\"a\":{}", "[".repeat(100_000));
    unreadable(Request::parse("", BodyKind::Json, deep.as_bytes(), None), "body");
    unreadable(Request::parse("", BodyKind::Json, b"{\"a\":\"\xff\"}", None), "body");
    unreadable(Request::parse("", BodyKind::Form, b"a=\xff", None), "body");
}

#[test]
fn the_same_text_twice_is_a_habit_and_two_texts_a_contradiction() {
    assert_eq!(wanted(&form("number=5&number=5")).number, Some(5));
    assert_eq!(form("text=a&text=a").text("text"), Ok(Some("a")));
    for (name, one, other) in [
        ("number", "5", "6"),
        ("number", "5", ""),
        ("flag", "1", "true"),
        ("text", "a", "A"),
        ("text", "a", PLANTED),
    ] {
        let (one, other) = (format!("{name}={one}"), format!("{name}={other}"));
        for request in [form(&format!("{one}&{other}")), parse(&one, BodyKind::Form, &other)] {
            refusal(request.params(), name);
            assert_refused(&request.text(name).expect_err("two texts"), name);
        }
    }
    let token = form(&format!("access_token=a&access_token={PLANTED}"));
    assert_refused(&token.access_token().expect_err("two tokens"), "access_token");
}

#[test]
fn plus_signs_and_percent_signs_are_undone() {
    for (written, read) in [
        ("a+b", "a b"),
        ("a%2Bb", "a+b"),
        ("a%20b", "a b"),
        ("100%25", "100%"),
        ("100%", "100%"),
        ("%zz", "%zz"),
        ("%e2%82%ac", "€"),
        ("€", "€"),
        ("a%26b%3Dc", "a&b=c"),
        ("a=b", "a=b"),
        ("%2525", "%25"),
    ] {
        assert_eq!(form(&format!("text={written}")).text("text"), Ok(Some(read)), "{written}");
        let query = parse(&format!("text={written}"), BodyKind::Form, "");
        assert_eq!(query.text("text"), Ok(Some(read)), "{written}");
    }
    assert_eq!(form("te%78t=a").text("text"), Ok(Some("a")));
}

#[test]
fn broken_utf8_and_nul_are_refused_by_name() {
    for value in ["%ff", "%C3%28", "s3cr3t-7f9c%80", "%00", "s3cr3t-7f9c%00"] {
        let pair = format!("text={value}");
        unreadable(Request::parse("", BodyKind::Form, pair.as_bytes(), None), "text");
        unreadable(Request::parse(&pair, BodyKind::Form, b"", None), "text");
        let list = format!("text[]={value}");
        unreadable(Request::parse("", BodyKind::Form, list.as_bytes(), None), "text");
    }
    let json = format!(r#"{{"text":"{PLANTED}\u0000"}}"#);
    unreadable(Request::parse("", BodyKind::Json, json.as_bytes(), None), "text");
    let fields = vec![("text".to_owned(), format!("{PLANTED}\0"))];
    unreadable(Request::of_fields("", fields, None), "text");
    unreadable(Request::parse("%ff=s3cr3t-7f9c", BodyKind::Form, b"", None), "parameter name");
}

#[test]
fn blank_values_are_absent() {
    let request = form("number=&flag=&kind=&text=&small&=&&list=&words=");
    assert_eq!(wanted(&request), Wanted::default());
    assert_eq!(request.text("number"), Ok(None));
    assert_eq!(request.text("small"), Ok(None));
    assert_eq!(wanted(&form("number=+&flag=%20&kind=%09")), Wanted::default());
    let missing = request.params::<Needed>();
    let Err(Error::Refused(missing)) = missing else { panic!("not refused: {missing:?}") };
    assert_eq!(missing.text, "Invalid Params: missing number");
    let missing = request.required("number").expect_err("blank");
    assert_eq!(missing.text, "Invalid Params: missing number");
}

#[test]
fn unknown_parameters_are_ignored_whatever_they_hold() {
    let request = form("limit=x&scope=%7B&number=5&x[]=1&x[a][b]=2&y=1&y=2&=7&[]=8");
    assert_eq!(wanted(&request), Wanted { number: Some(5), ..Wanted::default() });
    let request = json(r#"{"limit":{"a":[1]},"number":5,"x":[[1],[null]]}"#);
    assert_eq!(wanted(&request), Wanted { number: Some(5), ..Wanted::default() });
}

#[test]
fn at_most_a_thousand_parameters() {
    let pairs = |count: usize| vec!["x=1"; count].join("&");
    let lists = |count: usize| format!("{{\"x\":[{}]}}", vec!["1"; count].join(","));
    for full in [pairs(FIELDS_MAX), lists(FIELDS_MAX)] {
        let kind = BodyKind::of(None, full.as_bytes());
        assert!(Request::parse("", kind, full.as_bytes(), None).is_ok());
        unreadable(Request::parse("y=1", kind, full.as_bytes(), None), "at most 1000");
    }
    for over in [pairs(FIELDS_MAX + 1), lists(FIELDS_MAX + 1), lists(FIELDS_MAX * 50)] {
        let kind = BodyKind::of(None, over.as_bytes());
        unreadable(Request::parse("", kind, over.as_bytes(), None), "at most 1000");
    }
    let names: Vec<String> = (0..=FIELDS_MAX).map(|number| format!("n{number}=")).collect();
    unreadable(Request::parse(&names.join("&"), BodyKind::Form, b"", None), "at most 1000");
    let empty: Vec<String> = (0..=FIELDS_MAX).map(|number| format!("\"n{number}\":[]")).collect();
    let empty = format!("{{{}}}", empty.join(","));
    unreadable(Request::parse("", BodyKind::Json, empty.as_bytes(), None), "at most 1000");
}

#[test]
fn names_are_short_and_plain_whatever_stands_behind_them() {
    let longest = "n".repeat(NAME_BYTES_MAX);
    assert_eq!(form(&format!("{longest}=5")).text(&longest), Ok(Some("5")));
    let long = format!("{longest}{PLANTED}");
    for name in [&long, "a%0Ab", "a%7Fb", "a%00b", "%1B[31m"] {
        for value in ["5", "%00", "%ff", ""] {
            let query = format!("{name}={value}");
            let refusal =
                unreadable(Request::parse(&query, BodyKind::Form, b"", None), "parameter name");
            assert!(!refusal.text.contains(char::is_control), "{:?}", refusal.text);
            assert!(!refusal.text.contains("nnn"), "{:?}", refusal.text);
        }
    }
    for value in ["1", "[]", "[1]", "\"\\u0000\""] {
        let body = format!("{{\"{long}\":{value}}}");
        unreadable(Request::parse("", BodyKind::Json, body.as_bytes(), None), "parameter name");
    }
}

#[test]
fn the_scheme_of_the_header_is_read_in_any_case() {
    for header in ["Bearer t0k3n", "bearer t0k3n", "BEARER t0k3n", "bEaReR   t0k3n "] {
        assert_eq!(with_header(header, "").access_token(), Ok(Some("t0k3n")), "{header}");
    }
}

#[test]
fn other_schemes_say_nothing() {
    for header in ["Basic dXNlcjpwdw==", "Digest x", "t0k3n", "Bearer", "Bearer ", "", "Bearert x"]
    {
        assert_eq!(with_header(header, "").access_token(), Ok(None), "{header}");
        let request = with_header(header, "access_token=parameter");
        assert_eq!(request.access_token(), Ok(Some("parameter")), "{header}");
    }
}

#[test]
fn the_token_of_the_header_wins_over_the_parameter() {
    let request = with_header("Bearer header", "access_token=parameter");
    assert_eq!(request.access_token(), Ok(Some("header")));
    let request = with_header("Bearer header", "access_token=one&access_token=two");
    assert_eq!(request.access_token(), Ok(Some("header")));
    let query = parse("access_token=query", BodyKind::Form, "");
    assert_eq!(query.access_token(), Ok(Some("query")));
    assert_eq!(json(r#"{"access_token":"json"}"#).access_token(), Ok(Some("json")));
    assert_eq!(form("access_token=").access_token(), Ok(None));
}

#[test]
fn whole_numbers_and_nothing_else() {
    let good =
        [(0, "0|-0"), (-5, "-5|-005"), (5, "5|+5|%2B5| 5 "), (i64::MAX, "9223372036854775807")];
    for (number, texts) in good {
        for text in texts.split('|') {
            assert_eq!(wanted(&form(&format!("number={text}"))).number, Some(number), "{text}");
        }
    }
    let bad = "9223372036854775808|-9223372036854775809|99999999999999999999|1.0|1e3|1,000|0x10|\
               --1|1 2|%C2%BD|true|[1]|NaN|s3cr3t-7f9c";
    for text in bad.split('|') {
        refusal(form(&format!("number={text}")).params(), "number");
    }
    for text in ["256", "-1", "1.0"] {
        refusal(form(&format!("small={text}")).params(), "small");
    }
    for body in [r#"{"number":1.5}"#, r#"{"number":1e3}"#, r#"{"number":99999999999999999999}"#] {
        refusal(json(body).params(), "number");
    }
    assert_eq!(wanted(&json(r#"{"number":-9223372036854775808}"#)).number, Some(i64::MIN));
}

#[test]
fn booleans_in_every_spelling() {
    let spellings = [(true, "1|true|t|TRUE|True|T| 1 "), (false, "0|false|f|FALSE|False|F|+0")];
    for (flag, texts) in spellings {
        for text in texts.split('|') {
            assert_eq!(wanted(&form(&format!("flag={text}"))).flag, Some(flag), "{text}");
        }
    }
    for text in ["2", "-1", "yes", "no", "on", "tr", "01", "null", PLANTED] {
        refusal(form(&format!("flag={text}")).params(), "flag");
    }
    assert_eq!(wanted(&json(r#"{"flag":0}"#)).flag, Some(false));
}

#[test]
fn words_of_a_fixed_set_are_read_and_the_set_is_said() {
    assert_eq!(wanted(&form("kind=first_kind")).kind, Some(Kind::FirstKind));
    for text in ["First_Kind", "firstkind", "0", PLANTED] {
        let refused = refusal(form(&format!("kind={text}")).params(), "kind");
        assert!(refused.text.ends_with("expected one of first_kind, second_kind"), "{refused:?}");
    }
}

/// Any body, with bytes that matter more often than others.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let lively = "[a-c=&%\\[\\]{}\",:+\\\\0-9\u{0}\u{ff}]{0,60}";
    prop_oneof![any::<Vec<u8>>(), lively.prop_map(String::into_bytes)]
}

fn list_spellings(list: &[i64]) -> Vec<Request> {
    let texts: Vec<String> = list.iter().map(i64::to_string).collect();
    let commas = texts.join(",");
    let each = |name: &dyn Fn(usize) -> String| {
        let pairs = texts.iter().enumerate().map(|(at, text)| format!("{}={text}", name(at)));
        pairs.collect::<Vec<_>>().join("&")
    };
    let forms = [
        format!("list={commas}"),
        format!("list=[{commas}]"),
        format!("list=%5B{}%5D", commas.replace(',', "%2C+")),
        each(&|_| "list[]".to_owned()),
        each(&|_| "list".to_owned()),
        each(&|at| format!("list[{at}]")),
        each(&|at| format!("list%5B{at}%5D")),
    ];
    let bodies = [
        format!("{{\"list\":[{commas}]}}"),
        format!("{{\"list\":\"{commas}\"}}"),
        format!("{{\"list\":\"[{commas}]\"}}"),
    ];
    forms.iter().map(|text| form(text)).chain(bodies.iter().map(|text| json(text))).collect()
}

proptest! {
    #[test]
    fn no_request_makes_the_reader_panic(
        query: String,
        body in body(),
        content_type in proptest::option::of("(application/json|multipart/form-data|\\PC*)"),
        authorization: Option<String>,
    ) {
        let kind = BodyKind::of(content_type.as_deref(), &body);
        for kind in [kind, BodyKind::Form, BodyKind::Json] {
            if let Ok(request) = Request::parse(&query, kind, &body, authorization.as_deref()) {
                let _ = (request.params::<Wanted>(), request.params::<Needed>());
                let _ = (request.text("a"), request.access_token());
            }
        }
    }

    #[test]
    fn what_a_form_library_writes_is_read_back(
        fields in proptest::collection::btree_map("[^\\[\\p{Cc}]{1,30}", "[^\0]{0,40}", 0..20),
    ) {
        let mut writer = form_urlencoded::Serializer::new(String::new());
        writer.extend_pairs(&fields);
        let written = writer.finish();
        for request in [form(&written), parse(&written, BodyKind::Form, "")] {
            for (name, text) in &fields {
                let expected = Some(text.as_str()).filter(|text| !text.is_empty());
                prop_assert_eq!(request.text(name), Ok(expected));
            }
        }
        let texts: BTreeMap<_, _> = fields.iter().collect();
        let request = json(&serde_json::to_string(&texts).expect("JSON"));
        for (name, text) in &fields {
            let expected = Some(text.as_str()).filter(|text| !text.is_empty());
            prop_assert_eq!(request.text(name), Ok(expected));
        }
    }

    #[test]
    fn all_spellings_of_a_list_agree(list in proptest::collection::vec(any::<i64>(), 1..20)) {
        for request in list_spellings(&list) {
            prop_assert_eq!(&wanted(&request).list, &list);
        }
    }

    #[test]
    fn no_error_repeats_a_value(
        value in "[g-z]{12,30}",
        name in "number|small|flag|list|list\\[\\]|kind",
    ) {
        let result = form(&format!("{name}={value}")).params::<Wanted>();
        let Err(Error::Refused(refusal)) = result else { panic!("not refused: {result:?}") };
        prop_assert!(!refusal.text.contains(&value) && !refusal.cause.contains(&value));
        prop_assert!(refusal.text.contains(name.trim_end_matches("[]")));
    }
}
