//! A start that cannot succeed: what is wrong and what to do is said before anything is changed.

use crate::home::{Home, Ran, run, vitald};
use crate::on_both_engines;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

const SERVE: [&str; 3] = ["serve", "--listen", "127.0.0.1:0"];
const CREATE: [&str; 6] =
    ["user", "create", "--email", "ben@example.org", "--password", "correct horse"];
/// The user that owns nothing.
const NOBODY: u32 = 65_534;

on_both_engines!(
    a_newer_version_s_database_is_refused_and_left_alone,
    an_address_that_is_taken_is_found_before_anything_is_made,
    a_database_whose_key_is_elsewhere_gets_no_other,
);

/// Every file of a folder with its content, but SQLite's index of its log, which readers share.
fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let files = std::fs::read_dir(folder).expect("a folder").map(|file| file.unwrap().path());
    let files = files.filter(|file| file.extension().is_none_or(|end| end != "db-shm"));
    let mut contents: Vec<_> = files
        .map(|file| (file.display().to_string(), std::fs::read(&file).unwrap_or_default()))
        .collect();
    contents.sort();
    contents
}

fn a_newer_version_s_database_is_refused_and_left_alone(home: &Home) {
    home.person("anna@example.org");
    let later = "insert into schema_migration (name, checksum, applied) values ('9999_x', '', 0)";
    home.tampers(later);
    let before = contents(&home.data());
    for arguments in [SERVE.as_slice(), &CREATE, &["user", "list"], &["migrate"]] {
        let ran = home.runs(arguments);
        let line = ran.failed(1);
        assert!(line.contains("9999_x") && line.contains("newer"), "{line}");
    }
    assert!(contents(&home.data()) == before, "something was changed");
    home.tampers("delete from schema_migration where name = '9999_x'");
    assert_eq!(home.json(&["user", "list"]).as_array().map(Vec::len), Some(1));
}

fn an_address_that_is_taken_is_found_before_anything_is_made(home: &Home) {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().unwrap().to_string();
    let scale = ["serve", "--listen", "127.0.0.1:0", "--scale-listen", &address];
    for arguments in [["serve", "--listen", &address].as_slice(), &scale] {
        let ran = home.runs(arguments);
        let line = ran.failed(1);
        assert!(line.contains(&address) && line.contains("another port"), "{line}");
        assert!(!home.data().exists(), "a folder was made");
    }
}

fn a_database_whose_key_is_elsewhere_gets_no_other(home: &Home) {
    home.person("anna@example.org");
    let (key, kept) = (home.data().join("vitald.key"), home.data().join("kept"));
    std::fs::rename(&key, &kept).expect("renamed");
    for arguments in [SERVE.as_slice(), &CREATE, &["migrate"]] {
        let ran = home.runs(arguments);
        assert!(ran.failed(1).contains("vitald.key"), "{ran:?}");
        assert!(!key.exists(), "a key was made: {arguments:?}");
    }
    // A node of the same database that was given the key of another one.
    let other = Home::new();
    other.person("anna@example.org");
    std::fs::copy(other.data().join("vitald.key"), &key).expect("copied");
    let before = contents(&home.data());
    for arguments in [SERVE.as_slice(), &CREATE, &["migrate"]] {
        let ran = home.runs(arguments);
        assert!(ran.failed(1).contains("not the one the database was made with"), "{ran:?}");
    }
    assert!(contents(&home.data()) == before, "something was changed");
}

#[test]
fn a_postgres_out_of_reach_leaves_no_folder() {
    let home = Home::new();
    let port = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().unwrap().port();
    let address = format!("postgres://vitald@127.0.0.1:{port}/vitald?sslmode=disable");
    for arguments in [SERVE.as_slice(), &["migrate"]] {
        let ran = home.runs(&[arguments, &["--database", &address]].concat());
        assert!(ran.failed(1).contains("cannot open the database"), "{ran:?}");
        assert!(!home.data().exists());
    }
}

#[test]
fn a_file_where_the_folder_should_be_is_named() {
    let home = Home::new();
    std::fs::write(home.data(), "mine").expect("written");
    let ran = home.runs(&SERVE);
    let line = ran.failed(1);
    assert!(line.contains("is not a folder") && line.contains("--data"), "{line}");
    assert_eq!(std::fs::read_to_string(home.data()).unwrap(), "mine");
}

#[test]
fn what_is_not_vitalds_database_is_left_alone() {
    let is_refused = |home: &Home, said: &str| {
        let before = contents(&home.data());
        let ran = home.runs(&SERVE);
        assert!(ran.failed(1).contains(said), "{ran:?}");
        assert!(contents(&home.data()) == before, "something was changed");
    };
    let (text, theirs) = (Home::new(), Home::new());
    std::fs::create_dir(text.data()).expect("a folder");
    std::fs::write(text.data().join("vitald.db"), "no database at all".repeat(99))
        .expect("written");
    is_refused(&text, "restore it from a backup");
    std::fs::create_dir(theirs.data()).expect("a folder");
    theirs.tampers("create table theirs (id integer)");
    is_refused(&theirs, "of another program");
}

/// The command as a user whom modes bind: root may write everything. None: this machine keeps that
/// user from the program itself.
#[expect(clippy::print_stdout, reason = "what was skipped is said")]
fn as_nobody(mut command: Command) -> Option<Ran> {
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
    if is_root {
        command.uid(NOBODY).gid(NOBODY).current_dir("/");
        let mut may = vitald(&["--version"]);
        if may.uid(NOBODY).gid(NOBODY).current_dir("/").output().is_err() {
            println!("skipped: nobody may not run the program here");
            return None;
        }
    }
    Some(run(command, ""))
}

fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("a mode");
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let home = Home::new();
    let above = home.data().parent().unwrap().to_owned();
    set_mode(&above, 0o555);
    if let Some(ran) = as_nobody(home.command(&SERVE)) {
        let line = ran.failed(1);
        assert!(line.contains("cannot make the folder") && line.contains("--data"), "{line}");
    }
    set_mode(&above, 0o755);
    std::fs::create_dir(home.data()).expect("a folder");
    set_mode(&home.data(), 0o555);
    if let Some(ran) = as_nobody(home.command(&SERVE)) {
        let line = ran.failed(1);
        assert!(line.contains("vitald.key") && line.contains("owner"), "{line}");
    }
    set_mode(&home.data(), 0o755);
    assert!(contents(&home.data()).is_empty(), "something was made");
}

#[test]
fn a_file_that_cannot_be_written_is_named() {
    let home = Home::new();
    home.person("anna@example.org");
    let (folder, file) = (home.data(), home.data().join("vitald.db"));
    set_mode(folder.parent().unwrap(), 0o755);
    set_mode(&folder, 0o755);
    set_mode(&folder.join("vitald.key"), 0o644);
    set_mode(&file, 0o444);
    let before = contents(&folder);
    if let Some(ran) = as_nobody(home.command(&SERVE)) {
        let line = ran.failed(1);
        assert!(line.contains("vitald.db") && line.contains("must be able to write"), "{line}");
    }
    assert!(contents(&folder) == before, "something was changed");
}

#[test]
fn a_disk_that_takes_no_more_is_said_and_the_next_start_goes_on() {
    let home = Home::new();
    let program = home.command(&["migrate"]);
    // The shell ignores the signal of the limit, so that the write fails, as it does on a full
    // disk.
    let mut limited = Command::new("sh");
    limited.args(["-c", "trap '' XFSZ; ulimit -f 8; exec \"$@\"", "sh"]);
    limited.arg(program.get_program()).args(program.get_args());
    let ran = run(limited, "");
    let line = ran.failed(1);
    assert!(line.contains("full"), "{line}");
    assert_eq!(home.runs(&["migrate"]).code, Some(0), "with room it goes on");
}

#[test]
fn a_disk_without_room_for_a_new_store_is_found_before_anything_is_made() {
    // A file system that never has any room.
    let ran = run(vitald(&["serve", "--listen", "127.0.0.1:0", "--data", "/proc/vitald"]), "");
    let line = ran.failed(1);
    assert!(line.contains("0 MiB are free") && line.contains("make room"), "{line}");
}
