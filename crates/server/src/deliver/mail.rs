//! Mail to the makers of applications: that a subscription fails, and that one was cancelled. It
//! names the address by its host alone and no person.

use lettre::message::Mailbox;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use std::fmt;
use std::io;
use std::time::Duration;
use store::subscription::Subscription;

/// How mail is sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Smtp {
    /// `smtp://…` or `smtps://…`, with a name and a password if they are needed.
    pub url: String,
    /// Whom it is from.
    pub from: String,
}

/// The URL can hold a password.
impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Smtp")
    }
}

/// How long the mail server may take.
const WAIT: Duration = Duration::from_secs(30);

/// Sends mail. Cheap to clone.
#[derive(Clone)]
pub(super) struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Mailer {
    pub(super) fn new(smtp: &Smtp) -> io::Result<Self> {
        // What the library says of a URL would repeat it.
        let invalid = |what: &str| io::Error::new(io::ErrorKind::InvalidInput, what.to_owned());
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(&smtp.url)
            .map_err(|_| invalid("`smtp` is no address such as smtps://NAME:PASSWORD@HOST"))?;
        let from = smtp.from.parse();
        let from = from.map_err(|_| invalid("`mail_from` is no e-mail address"))?;
        Ok(Self { transport: transport.timeout(Some(WAIT)).build(), from })
    }

    /// Sends a mail. Why it could not be is told without the words of the server, which can hold
    /// the address.
    pub(super) async fn send(
        &self,
        to: &str,
        subject: &str,
        text: String,
    ) -> Result<(), &'static str> {
        let to: Mailbox = to.parse().map_err(|_| "the address cannot be written to")?;
        let message = Message::builder().from(self.from.clone()).to(to).subject(subject).body(text);
        let message = message.map_err(|_| "the mail cannot be written")?;
        match self.transport.send(message).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_timeout() => Err("the mail server took too long"),
            Err(error) if error.is_permanent() => Err("the mail server refused"),
            Err(error) if error.is_transient() => Err("the mail server refused for now"),
            Err(_) => Err("the mail server could not be reached"),
        }
    }
}

fn host(one: &Subscription) -> String {
    let url = one.callback.parse::<url::Url>().ok();
    url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

/// That a subscription fails.
pub(super) fn failing_text(one: &Subscription) -> String {
    format!(
        "The last {} attempts to send notifications of category {} to {} failed.\n\n\
         They are tried again. If all of them fail for 20 days, the subscription is cancelled.\n\
         What became of each attempt stands on the page of your application.\n",
        one.failures,
        one.appli.0,
        host(one),
    )
}

/// That one was cancelled.
pub(super) fn cancelled_text(one: &Subscription) -> String {
    format!(
        "The subscription to notifications of category {} at {} was cancelled: they failed, or the \
         receiver said that it is gone.\n\nSubscribe again when it works; what was missed can be \
         fetched with lastupdate, or sent again from the page of your application.\n",
        one.appli.0,
        host(one),
    )
}
