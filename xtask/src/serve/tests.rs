use super::Host;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::time::Duration;

struct Folder(PathBuf);

impl Folder {
    /// A small site, and a file next to it that must not be served.
    fn new(name: &str) -> Self {
        let root = std::env::temp_dir().join(format!("boxel-{name}-{}", std::process::id()));
        fs::create_dir_all(root.join("site/web")).unwrap();
        fs::write(root.join("beside.txt"), "beside").unwrap();
        fs::write(root.join("site/index.html"), "the page").unwrap();
        fs::write(root.join("site/a b.png"), "").unwrap();
        fs::write(root.join("site/web/main.js"), "the script").unwrap();
        fs::write(root.join("site/web/a.wasm"), "").unwrap();
        for (file, text) in [
            ("b.wasm", "as it is"),
            ("b.wasm.br", "brotli's"),
            ("b.wasm.gz", "gzip's"),
        ] {
            fs::write(root.join("site/web").join(file), text).unwrap();
        }
        let rules = "/*\n  X-All: 1\n/some/path/web/*\n  Cache-Control: max-age=1\n";
        fs::write(root.join("site/_headers"), rules).unwrap();
        Self(root)
    }

    fn host(&self, prefix: &str) -> Host {
        Host::start(&self.0.join("site"), prefix, Some(0)).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn connect(host: &Host) -> TcpStream {
    let address = host.address.strip_prefix("http://").unwrap();
    let stream = TcpStream::connect(address.split('/').next().unwrap()).unwrap();
    // A server that hangs must fail the test, not block it.
    stream
        .set_read_timeout(Some(Duration::from_secs(60)))
        .unwrap();
    stream
}

/// The whole answer in lower case: status line, headers, body.
fn ask(host: &Host, method: &str, path: &str) -> String {
    ask_with(host, method, path, "")
}

fn ask_with(host: &Host, method: &str, path: &str, headers: &str) -> String {
    let mut stream = connect(host);
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: x\r\n{headers}Connection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.to_lowercase()
}

#[test]
fn a_site_is_served_below_its_prefix_only() {
    let folder = Folder::new("prefix");
    let host = folder.host("some/path");
    assert!(host.address.ends_with("/some/path/"));
    assert!(ask(&host, "GET", "/some/path/").ends_with("\r\n\r\nthe page"));
    assert!(ask(&host, "GET", "/some/path/web/main.js").ends_with("\r\n\r\nthe script"));
    assert!(ask(&host, "GET", "/some/path/a%20b.png").starts_with("http/1.1 200"));
    let moved = ask(&host, "GET", "/some/path");
    assert!(moved.starts_with("http/1.1 308") && moved.contains("location: /some/path/\r"));
    for path in [
        "/",
        "/web/main.js",
        "/some/path/web/",
        "/some/path/none.js",
        "/some/path/_headers",
    ] {
        assert!(
            ask(&host, "GET", path).starts_with("http/1.1 404"),
            "{path}"
        );
    }
}

#[test]
fn no_path_leads_out_of_the_folder() {
    let folder = Folder::new("outside");
    let host = folder.host("/");
    for path in [
        "/../beside.txt",
        "/web/../../beside.txt",
        "/%2e%2e/beside.txt",
        "/..%2fbeside.txt",
        "/..%5cbeside.txt",
        "/%00",
        "/%ff",
    ] {
        let answer = ask(&host, "GET", path);
        assert!(answer.starts_with("http/1.1 4"), "{path}: {answer}");
    }
}

#[test]
fn answers_carry_the_types_browsers_insist_on_and_the_headers_of_the_file() {
    let folder = Folder::new("headers");
    let host = folder.host("/");
    let page = ask(&host, "HEAD", "/");
    assert!(page.contains("content-type: text/html") && page.ends_with("\r\n\r\n"));
    assert!(page.contains("cache-control: no-cache\r") && page.contains("x-all: 1\r"));
    assert!(ask(&host, "GET", "/web/main.js").contains("content-type: text/javascript"));
    assert!(ask(&host, "GET", "/web/a.wasm").contains("content-type: application/wasm"));
    assert!(ask(&host, "POST", "/").starts_with("http/1.1 405"));
    let listed = ask(&folder.host("some/path"), "GET", "/some/path/web/main.js");
    assert!(listed.contains("cache-control: max-age=1\r") && !listed.contains("no-cache"));
}

#[test]
fn compressed_files_are_sent_only_to_clients_that_accept_them() {
    let folder = Folder::new("compressed");
    let host = folder.host("/");
    for (accepts, encoding, text) in [
        (
            "Accept-Encoding: gzip, deflate, br\r\n",
            Some("br"),
            "brotli's",
        ),
        ("Accept-Encoding: gzip\r\n", Some("gzip"), "gzip's"),
        ("Accept-Encoding: identity\r\n", None, "as it is"),
        ("", None, "as it is"),
    ] {
        let answer = ask_with(&host, "GET", "/web/b.wasm", accepts);
        assert!(
            answer.contains("content-type: application/wasm\r"),
            "{accepts}: {answer}"
        );
        assert!(
            answer.ends_with(&format!("\r\n\r\n{text}")),
            "{accepts}: {answer}"
        );
        let told = answer
            .lines()
            .find_map(|line| line.strip_prefix("content-encoding: "));
        assert_eq!(told, encoding, "{accepts}");
        assert!(
            answer.contains("vary: accept-encoding"),
            "{accepts}: {answer}"
        );
    }
    // A file without a compressed form is served uncompressed.
    let plain = ask_with(&host, "GET", "/web/main.js", "Accept-Encoding: br\r\n");
    assert!(plain.ends_with("\r\n\r\nthe script") && !plain.contains("content-encoding"));
}

/// A browser keeps several connections open: none may wait for another one to close.
#[test]
fn connections_that_stay_open_hold_nobody_up() {
    let folder = Folder::new("open");
    let host = folder.host("/");
    let idle: Vec<_> = (0..16).map(|_| connect(&host)).collect();
    let mut busy: Vec<_> = (0..16).map(|_| connect(&host)).collect();
    for stream in &mut busy {
        stream
            .write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            .unwrap();
    }
    for mut stream in busy.iter() {
        let mut start = [0; 12];
        stream.read_exact(&mut start).unwrap();
        assert_eq!(&start, b"HTTP/1.1 200");
    }
    drop(idle);
}
