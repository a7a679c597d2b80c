//! A browser as far as the pages need one: cookies, forms, and redirects that are followed on
//! purpose only. It has no scripts, and neither have the pages.

use crate::answer::Answer;
use crate::app::App;
use std::collections::BTreeMap;

/// A person's browser at one server.
pub(crate) struct Browser<'a> {
    pub(crate) app: &'a App,
    pub(crate) cookies: BTreeMap<String, String>,
}

/// A form of a page, as it would be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Form {
    pub(crate) action: String,
    pub(crate) fields: Vec<(String, String)>,
}

impl<'a> Browser<'a> {
    pub(crate) fn new(app: &'a App) -> Self {
        Self { app, cookies: BTreeMap::new() }
    }

    pub(crate) fn opens(&mut self, path: &str) -> Answer {
        self.sends("GET", path, &[], &[])
    }

    /// Sends a form as a browser sends one from a page of this site.
    pub(crate) fn submits(&mut self, form: &Form) -> Answer {
        let origin = format!("http://{}", self.app.address());
        let headers = [("sec-fetch-site", "same-origin"), ("origin", origin.as_str())];
        self.submits_with(form, &headers)
    }

    pub(crate) fn submits_with(&mut self, form: &Form, headers: &[(&str, &str)]) -> Answer {
        self.sends("POST", &form.action, &form.fields, headers)
    }

    fn sends(
        &mut self,
        method: &str,
        path: &str,
        fields: &[(String, String)],
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = self.app.request(method, path);
        if !self.cookies.is_empty() {
            let pairs = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
            request = request.header("cookie", pairs.collect::<Vec<_>>().join("; "));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if method == "POST" {
            request = request.form(fields);
        }
        let answer = self.app.sends(request);
        self.keeps_cookies(&answer);
        answer
    }

    fn keeps_cookies(&mut self, answer: &Answer) {
        for cookie in answer.headers.get_all("set-cookie") {
            let cookie = cookie.to_str().expect("plain text");
            let (pair, attributes) = cookie.split_once(';').expect("attributes");
            let (name, value) = pair.split_once('=').expect("a name and a value");
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    /// Fills in the log-in page and follows the redirect to the page that asked for it.
    pub(crate) fn logs_in(&mut self, page: &Answer, email: &str, password: &str) -> Answer {
        let sent = self.submits(&login_form(page, email, password));
        assert_eq!(sent.http, 303, "{sent:?}");
        let next = sent.header("location").to_owned();
        self.opens(&next)
    }

    /// The browser of somebody who logged in at the front door.
    pub(crate) fn of(app: &'a App, email: &str, password: &str) -> Self {
        let mut browser = Self::new(app);
        let page = browser.opens("/account/log-in");
        let home = browser.logs_in(&page, email, password);
        assert!(home.text.contains(&format!("You are logged in as {email}")), "{}", home.text);
        browser
    }

    /// Presses the button of the consent page that decides so.
    pub(crate) fn decides(&mut self, consent: &Answer, decision: &str) -> Answer {
        self.submits(&decision_form(consent, decision))
    }
}

/// The form of the log-in page, filled in.
pub(crate) fn login_form(page: &Answer, email: &str, password: &str) -> Form {
    let mut forms = forms(&page.text);
    assert_eq!(forms.len(), 1, "{}", page.text);
    let form = forms.remove(0);
    assert_eq!(form.action, "/oauth2_user/login");
    form.with("email", email).with("password", password)
}

/// The first form of a page that is sent there.
#[track_caller]
pub(crate) fn form_to(page: &Answer, action: &str) -> Form {
    let found = forms(&page.text).into_iter().find(|form| form.action == action);
    found.unwrap_or_else(|| panic!("a form to {action}: {page:?}"))
}

/// The form of the consent page that decides so.
pub(crate) fn decision_form(consent: &Answer, decision: &str) -> Form {
    assert_eq!(consent.http, 200, "{consent:?}");
    let wanted = Some(decision);
    let found = forms(&consent.text).into_iter().find(|form| form.field("decision") == wanted);
    found.expect("a form that decides so")
}

impl Form {
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(field, _)| field == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The same with another value in a field that the page has.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        let field = self.fields.iter_mut().find(|(field, _)| field == name);
        field.expect("the page has this field").1 = value.to_owned();
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        assert!(self.field(name).is_some(), "the page has the field {name}");
        self.fields.retain(|(field, _)| field != name);
        self
    }
}

/// The forms of a page that do something, in order; one that only searches is none.
pub(crate) fn forms(html: &str) -> Vec<Form> {
    let parts = html.split("<form ").skip(1).filter(|part| !part.starts_with(r#"method="get""#));
    parts
        .map(|part| {
            let (form, _) = part.split_once("</form>").expect("a form that ends");
            let (head, inside) = form.split_once('>').expect("a tag that ends");
            assert!(head.contains(r#"method="post""#), "{head}");
            let inputs = inside.split("<input ").skip(1);
            let fields = inputs.filter_map(|input| {
                let (tag, _) = input.split_once('>').expect("a tag that ends");
                Some((attribute(tag, "name")?, attribute(tag, "value").unwrap_or_default()))
            });
            let fields = fields.chain(areas(inside)).chain(choices(inside)).collect();
            Form { action: attribute(head, "action").expect("an action"), fields }
        })
        .collect()
}

fn areas(form: &str) -> impl Iterator<Item = (String, String)> {
    form.split("<textarea ").skip(1).map(|area| {
        let (tag, rest) = area.split_once(">\n").expect("a tag that ends");
        let (text, _) = rest.split_once("</textarea>").expect("an area that ends");
        (attribute(tag, "name").expect("a name"), unescaped(text))
    })
}

fn choices(form: &str) -> impl Iterator<Item = (String, String)> {
    form.split("<select ").skip(1).map(|choice| {
        let (choice, _) = choice.split_once("</select>").expect("a choice that ends");
        let (tag, options) = choice.split_once('>').expect("a tag that ends");
        let mut options = options.split("<option ").skip(1);
        let first = options.clone().next().expect("an option");
        let chosen = options.find(|option| option.contains("\" selected>")).unwrap_or(first);
        (attribute(tag, "name").expect("a name"), attribute(chosen, "value").expect("a value"))
    })
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!("{name}=\""))?;
    let (text, _) = rest.split_once('"').expect("a quoted value that ends");
    Some(unescaped(text))
}

/// Undoes the escapes of HTML the pages use.
pub(crate) fn unescaped(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some((before, after)) = rest.split_once("&#") {
        let (number, behind) = after.split_once(';').expect("an escape that ends");
        let code: u32 = number.parse().expect("a decimal escape");
        text.push_str(before);
        text.push(char::from_u32(code).expect("a character"));
        rest = behind;
    }
    text + rest
}
