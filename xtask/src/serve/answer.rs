//! From a request to a file, as a static host answers it.

use super::headers::{self, Rule};
use anyhow::{Context, Result, bail};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use tiny_http::{Header, Method, Request, Response};

/// A folder to serve.
pub struct Site {
    folder: PathBuf,
    prefix: String,
    rules: Vec<Rule>,
}

/// What a request gets.
#[derive(Debug, PartialEq)]
enum Found {
    File(PathBuf),
    /// A folder's address without its last slash.
    Elsewhere(String),
    Nothing,
}

impl Site {
    /// The prefix is `/` or a path, to serve as hosts do that put a site under a sub-path.
    pub fn open(folder: &Path, prefix: &str) -> Result<Self> {
        let folder = folder.canonicalize().with_context(|| {
            format!(
                "there is no folder {} to serve: `cargo xtask build` makes it",
                folder.display()
            )
        })?;
        if !folder.join("index.html").is_file() {
            bail!("{} holds no index.html", folder.display());
        }
        let rules = match fs::read_to_string(folder.join(headers::FILE)) {
            Ok(text) => headers::parse(&text)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read {}", headers::FILE));
            }
        };
        let prefix = match prefix.trim_matches('/') {
            "" => "/".to_owned(),
            inner => format!("/{inner}/"),
        };
        Ok(Self {
            folder,
            prefix,
            rules,
        })
    }

    /// `/`, or `/some/path/`.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Answers one request; an error means that the other side has left.
    pub fn answer(&self, request: Request) -> io::Result<()> {
        if !matches!(request.method(), Method::Get | Method::Head) {
            let response = Response::from_string("only GET and HEAD\n").with_status_code(405);
            return request.respond(with(response, [("Allow", "GET, HEAD")]));
        }
        let path = request
            .url()
            .split('?')
            .next()
            .unwrap_or_default()
            .to_owned();
        let not_found = || Response::from_string("not found\n").with_status_code(404);
        match self.find(&path) {
            Found::Nothing => request.respond(not_found()),
            Found::Elsewhere(path) => {
                request.respond(with(Response::empty(301), [("Location", path.as_str())]))
            }
            Found::File(file) => match File::open(&file) {
                Err(_) => request.respond(not_found()),
                Ok(open) => {
                    // A file built a moment ago must not be hidden by the browser's older copy.
                    let own = [("Content-Type", mime(&file)), ("Cache-Control", "no-cache")];
                    let listed = headers::for_path(&self.rules, &path);
                    let listed = listed
                        .iter()
                        .map(|(name, value)| (name.as_str(), value.as_str()));
                    let own = own.into_iter().filter(|(name, _)| {
                        !listed
                            .clone()
                            .any(|(other, _)| other.eq_ignore_ascii_case(name))
                    });
                    request.respond(with(Response::from_file(open), own.chain(listed.clone())))
                }
            },
        }
    }

    fn find(&self, path: &str) -> Found {
        let Some(inner) = path.strip_prefix(&self.prefix) else {
            return match self.prefix.strip_suffix('/') {
                Some(bare) if bare == path => Found::Elsewhere(self.prefix.clone()),
                _ => Found::Nothing,
            };
        };
        let Some(relative) = relative(inner) else {
            return Found::Nothing;
        };
        // Links that lead out of the folder are not followed either.
        let Ok(mut file) = self.folder.join(relative).canonicalize() else {
            return Found::Nothing;
        };
        if file.is_dir() {
            if !(inner.is_empty() || inner.ends_with('/')) {
                return Found::Elsewhere(format!("{path}/"));
            }
            file.push("index.html");
        }
        let is_ours = file.starts_with(&self.folder)
            && file.is_file()
            && file != self.folder.join(headers::FILE);
        if is_ours {
            Found::File(file)
        } else {
            Found::Nothing
        }
    }
}

fn with<'a, R: io::Read>(
    response: Response<R>,
    headers: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Response<R> {
    headers
        .into_iter()
        .filter_map(|(name, value)| Header::from_bytes(name, value).ok())
        .fold(response, Response::with_header)
}

/// A request's path as a path below the folder, if it is one: `%` decoded, no way up, no drive, no root.
fn relative(path: &str) -> Option<PathBuf> {
    let decoded = decode(path)?;
    let segments = decoded.split('/').filter(|segment| !segment.is_empty());
    let mut relative = PathBuf::new();
    for segment in segments {
        if segment.starts_with("..") || segment.contains(['\\', ':', '\0']) {
            return None;
        }
        relative.push(segment);
    }
    Some(relative)
}

fn decode(path: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = [rest.next()?, rest.next()?]
            .map(char::from)
            .map(|digit| digit.to_digit(16));
        let [Some(high), Some(low)] = digits else {
            return None;
        };
        bytes.push(u8::try_from(high * 16 + low).ok()?);
    }
    String::from_utf8(bytes).ok()
}

/// The media type by the file's ending. Browsers refuse modules and streamed wasm under a wrong one.
fn mime(file: &Path) -> &'static str {
    match file
        .extension()
        .and_then(|ending| ending.to_str())
        .unwrap_or_default()
    {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "wasm" => "application/wasm",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "bmp" => "image/bmp",
        "tif" | "tiff" => "image/tiff",
        "svg" => "image/svg+xml",
        "ico" => "image/x-icon",
        "md" | "txt" | "" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::{Found, Site, mime, relative};
    use std::fs;
    use std::path::Path;

    #[test]
    fn no_path_leads_out_of_the_folder() {
        assert_eq!(relative("web//main.js").unwrap(), Path::new("web/main.js"));
        assert_eq!(relative("a%20b.png").unwrap(), Path::new("a b.png"));
        for path in [
            "../x",
            "a/../../x",
            "%2e%2e/x",
            "..%2fx",
            "a\\..\\x",
            "c:/x",
            "a%00",
            "%zz",
            "%2",
            "%ff",
        ] {
            assert_eq!(relative(path), None, "{path}");
        }
    }

    #[test]
    fn media_types_are_those_browsers_insist_on() {
        assert_eq!(mime(Path::new("a/b_bg.wasm")), "application/wasm");
        assert_eq!(mime(Path::new("main.js")), "text/javascript; charset=utf-8");
        assert_eq!(mime(Path::new("m.safetensors")), "application/octet-stream");
        assert_eq!(
            mime(Path::new("models/LICENSE")),
            "text/plain; charset=utf-8"
        );
    }

    #[test]
    fn a_site_is_served_below_its_prefix_only() {
        let folder = std::env::temp_dir().join(format!("boxel-serve-{}", std::process::id()));
        fs::create_dir_all(folder.join("web")).unwrap();
        for file in ["index.html", "_headers", "web/main.js"] {
            fs::write(folder.join(file), "").unwrap();
        }
        let site = Site::open(&folder, "some/path").unwrap();
        let folder = folder.canonicalize().unwrap();
        assert_eq!(
            site.find("/some/path/"),
            Found::File(folder.join("index.html"))
        );
        assert_eq!(
            site.find("/some/path/web/main.js"),
            Found::File(folder.join("web/main.js"))
        );
        assert_eq!(
            site.find("/some/path"),
            Found::Elsewhere("/some/path/".to_owned())
        );
        assert_eq!(
            site.find("/some/path/web"),
            Found::Elsewhere("/some/path/web/".to_owned())
        );
        for path in [
            "/",
            "/web/main.js",
            "/some/path/web/",
            "/some/path/none.js",
            "/some/path/_headers",
        ] {
            assert_eq!(site.find(path), Found::Nothing, "{path}");
        }
        fs::remove_dir_all(folder).unwrap();
    }
}
