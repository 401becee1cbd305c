// The scripts of program.c in Rust: program PORT DIR FILES SCRIPT. The standard library only, and
// flock and mkfifo of the C library it stands on.
use std::collections::BTreeMap;
use std::ffi::CString;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::raw::{c_char, c_int};
use std::os::unix::fs::FileExt;
use std::os::unix::io::AsRawFd;

extern "C" {
    fn flock(fd: c_int, how: c_int) -> c_int;
    fn mkfifo(path: *const c_char, mode: u32) -> c_int;
}
const LOCK_EX: c_int = 2;
const LOCK_UN: c_int = 8;

struct Program {
    dir: String,
    files: Vec<(String, char, String)>,
    script: String,
    registers: BTreeMap<String, i64>,
    opened: BTreeMap<String, File>,
    listeners: BTreeMap<String, TcpListener>,
    peers: BTreeMap<String, TcpStream>,
}

fn number(text: &[u8]) -> i64 {
    String::from_utf8_lossy(text).trim().parse().unwrap_or(0)
}

fn listen_at(port: &str) -> TcpListener {
    TcpListener::bind(format!("127.0.0.1:{port}")).unwrap()
}

impl Program {
    fn path(&self, name: &str) -> String {
        format!("{}/{}", self.dir, name)
    }

    fn expression(&self, text: &str) -> i64 {
        let (left, right) = text.split_once('+').unwrap_or((text, "0"));
        let value = left.parse().unwrap_or_else(|_| *self.registers.get(left).unwrap_or(&0));
        value + right.parse::<i64>().unwrap()
    }

    fn set(&mut self, register: &str, value: i64) {
        self.registers.insert(register.to_string(), value);
    }

    fn file(&mut self, name: &str) -> &mut File {
        if !self.opened.contains_key(name) {
            let file = OpenOptions::new().read(true).write(true).open(self.path(name)).unwrap();
            self.opened.insert(name.to_string(), file);
        }
        self.opened.get_mut(name).unwrap()
    }

    fn execute(&mut self, w: &[&str]) {
        let at = |i: usize| w.get(i).copied().unwrap_or("");
        let (a, b, c) = (at(1), at(2), at(3));
        match w[0] {
            "read" => {
                let value = File::open(self.path(a)).map_or(-1, |f| {
                    let mut text = [0u8; 8];
                    let n = f.read_at(&mut text, 0).unwrap();
                    number(&text[..n])
                });
                self.set(b, value);
            }
            "write" => {
                let text = format!("{:7}\n", self.expression(b));
                if let Ok(f) = OpenOptions::new().write(true).open(self.path(a)) {
                    f.write_at(text.as_bytes(), 0).unwrap();
                }
            }
            "append" => {
                let mut f = OpenOptions::new().append(true).open(self.path(a)).unwrap();
                f.write_all(b.as_bytes()).unwrap();
            }
            "create" => {
                let made = OpenOptions::new().write(true).create_new(true).open(self.path(a));
                self.set(b, made.is_ok() as i64);
            }
            "make" => drop(OpenOptions::new().write(true).create(true).open(self.path(a)).unwrap()),
            "stat" => {
                let found = std::fs::metadata(self.path(a)).is_ok();
                self.set(b, found as i64);
            }
            "link" => {
                let done = std::fs::hard_link(self.path(a), self.path(b)).is_ok();
                self.set(c, done as i64);
            }
            "rename" => {
                let done = std::fs::rename(self.path(a), self.path(b)).is_ok();
                self.set(c, done as i64);
            }
            "unlink" => {
                let done = std::fs::remove_file(self.path(a)).is_ok();
                self.set(b, done as i64);
            }
            "mkdir" => {
                let done = std::fs::create_dir(self.path(a)).is_ok();
                self.set(b, done as i64);
            }
            "lock" => {
                let fd = self.file(a).as_raw_fd();
                unsafe { flock(fd, LOCK_EX) };
            }
            "unlock" => {
                let fd = self.file(a).as_raw_fd();
                unsafe { flock(fd, LOCK_UN) };
                self.opened.remove(a);
            }
            "put" => self.file(a).write_all(b.as_bytes()).unwrap(),
            "take" => {
                let mut text = vec![0u8; b.parse().unwrap()];
                let n = self.file(a).read(&mut text).unwrap();
                self.set(c, number(&text[..n]));
            }
            "accept" => {
                let peer = self.listeners[a].accept().unwrap().0;
                self.peers.insert(b.to_string(), peer);
            }
            "connect" => {
                let peer = TcpStream::connect(format!("127.0.0.1:{b}")).unwrap();
                self.peers.insert(a.to_string(), peer);
            }
            "send" => self.peers.get_mut(a).unwrap().write_all(b.as_bytes()).unwrap(),
            "recv" => {
                let mut text = vec![0u8; b.parse().unwrap()];
                let n = self.peers.get_mut(a).unwrap().read(&mut text).unwrap();
                self.set(c, number(&text[..n]));
            }
            "close" => drop(self.peers.remove(a)),
            "listen" => {}
            other => panic!("no such statement: {other}"),
        }
    }

    fn run(&mut self) {
        for statement in self.script.clone().split(';') {
            let words: Vec<&str> = statement.split_whitespace().collect();
            let mut w = &words[..];
            let mut live = true;
            while live && w.len() > 1 && w[0] == "if" {
                let (left, right) = w[1].split_once("==").unwrap();
                live = self.expression(left) == self.expression(right);
                w = &w[2..];
            }
            if !live || w.is_empty() {
                continue;
            }
            if w[0] == "stop" {
                return;
            }
            self.execute(w);
        }
    }

    fn reset(&self) {
        for (name, kind, content) in &self.files {
            if *kind == '?' && std::fs::remove_file(self.path(name)).is_err() {
                let _ = std::fs::remove_dir(self.path(name));
            }
            if *kind == '|' {
                let path = CString::new(self.path(name)).unwrap();
                unsafe { mkfifo(path.as_ptr(), 0o666) };
            }
            if *kind == '=' {
                let mut f = File::create(self.path(name)).unwrap();
                if !content.is_empty() {
                    let value: i64 = content.parse().unwrap();
                    f.write_all(format!("{value:7}\n").as_bytes()).unwrap();
                }
            }
        }
    }

    fn state(&self) -> String {
        let mut told = String::new();
        for (name, kind, _) in &self.files {
            if *kind == '|' {
                continue;
            }
            let text = std::fs::read_to_string(self.path(name)).unwrap_or("none".to_string());
            let packed: String = text.split_whitespace().collect();
            told += &format!("{name}={packed} ");
        }
        told
    }
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let files = args[3].split_whitespace().map(|word| {
        let end = word.find(['=', '|', '?']).unwrap();
        let kind = word[end..].chars().next().unwrap();
        (word[..end].to_string(), kind, word[end + 1..].to_string())
    });
    let mut program = Program {
        dir: args[2].clone(),
        files: files.collect(),
        script: args[4].clone(),
        registers: BTreeMap::new(),
        opened: BTreeMap::new(),
        listeners: BTreeMap::new(),
        peers: BTreeMap::new(),
    };
    std::fs::create_dir_all(&program.dir).unwrap();
    for statement in args[4].split(';') {
        let w: Vec<&str> = statement.split_whitespace().collect();
        if w.len() == 3 && w[0] == "listen" {
            program.listeners.insert(w[1].to_string(), listen_at(w[2]));
        }
    }
    let server = listen_at(&args[1]);
    loop {
        let mut connection = server.accept().unwrap().0;
        let mut line = [0u8; 255];
        let n = connection.read(&mut line).unwrap_or(0);
        let mut reply = "ok".to_string();
        match String::from_utf8_lossy(&line[..n]).trim() {
            "reset" => program.reset(),
            "go" => {
                program.run();
                for (name, value) in &program.registers {
                    reply += &format!(" {name}={value}");
                }
            }
            "state" => reply = program.state(),
            _ => {}
        }
        if n > 0 {
            let _ = connection.write_all(format!("{reply}\n").as_bytes());
        }
    }
}
