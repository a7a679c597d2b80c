//! The mail that warns the maker of an application, as a mail server on this machine takes it.

use crate::app::{App, NOW, Setup};
use crate::household::REDIRECT_URI;
use crate::notifications::subscribes;
use crate::receiver::{Receiver, Reply};
use api::admin::NewApplication;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;
use store::application::About;

const PATIENCE: Duration = Duration::from_secs(60);

/// A mail server for one mail after another: what each one said, whole.
fn mail_server() -> (SocketAddr, mpsc::Receiver<String>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a listener");
    let address = listener.local_addr().expect("an address");
    let (taken, mails) = mpsc::channel();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut reading = BufReader::new(stream.try_clone().expect("a stream"));
            let (mut said, mut is_text) = (String::new(), false);
            let _ = stream.write_all(b"220 here\r\n");
            loop {
                let mut line = String::new();
                if reading.read_line(&mut line).is_ok_and(|read| read > 0) {
                    said.push_str(&line);
                } else {
                    break;
                }
                let answer: &[u8] = match line.trim_end() {
                    "." if is_text => {
                        is_text = false;
                        let _ = taken.send(std::mem::take(&mut said));
                        b"250 taken\r\n"
                    }
                    _ if is_text => continue,
                    "DATA" => {
                        is_text = true;
                        b"354 go on\r\n"
                    }
                    "QUIT" => b"221 bye\r\n",
                    _ => b"250 fine\r\n",
                };
                let _ = stream.write_all(answer);
            }
        }
    });
    (address, mails)
}

#[test]
fn the_maker_of_an_application_is_warned_and_told_of_the_end() {
    let (address, mails) = mail_server();
    let app = App::with(Setup { mail_server: Some(address), ..Setup::default() });
    let (dev, anna, receiver) = (app.person("dev"), app.person("anna"), Receiver::new());
    let about = About { owner: Some(dev.id), ..About::default() };
    let (name, redirect_uris) = ("Diary".to_owned(), vec![REDIRECT_URI.to_owned()]);
    let new = NewApplication { name, redirect_uris, about };
    let made = app.administers(move |tx| api::admin::create_application(tx, &new));
    let program = app.program(made.client_id, made.client_secret);
    subscribes(&anna.lets(&program, "user.metrics"), &receiver, "1");
    receiver.will(std::iter::repeat_n(Reply::Status(500, ""), 4));
    receiver.will([Reply::Status(410, "")]);
    app.scale(&[&anna]).weighs(66_850, NOW - 60);
    // Two attempts at once, two after ten seconds: the fourth that fails is worth a mail.
    for seconds in [1, 12, 1] {
        receiver.next();
        app.clock.advance(seconds);
    }
    receiver.next();
    let warning = mails.recv_timeout(PATIENCE).expect("a mail");
    assert!(warning.contains("RCPT TO:<dev@example.org>"), "{warning}");
    assert!(warning.contains("Subject: Notifications fail"), "{warning}");
    assert!(warning.contains("category 1 to 127.0.0.1"), "{warning}");
    for private in ["anna", "secret=x", &anna.id.to_string()] {
        assert!(!warning.contains(private), "{private}: {warning}");
    }
    // Then the receiver says that nobody will ever listen again.
    app.clock.advance(60);
    receiver.next();
    let last = mails.recv_timeout(PATIENCE).expect("a mail");
    assert!(last.contains("Subject: A subscription was cancelled"), "{last}");
    app.stop();
    assert!(mails.try_recv().is_err(), "one warning, and the end");
}
