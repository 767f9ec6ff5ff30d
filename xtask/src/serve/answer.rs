//! Answers a request with a file, like a static host.

use crate::headers::{self, Rule};
use anyhow::{Context, Result, bail};
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, HeaderName, HeaderValue, VARY};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use std::fs;
use std::io;
use std::path::Path;
use tower_http::services::ServeDir;

/// A folder to serve, under a prefix.
#[derive(Clone)]
pub struct Site {
    files: ServeDir,
    prefix: String,
    rules: Vec<Rule>,
}

impl Site {
    /// The prefix is `/` or a path, for hosts that serve a site under a sub-path.
    pub fn open(folder: &Path, prefix: &str) -> Result<Self> {
        if !folder.join("index.html").is_file() {
            bail!(
                "{} holds no index.html: `cargo xtask build` makes it",
                folder.display()
            );
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
        // Only the root folder has a page.
        let files = ServeDir::new(folder)
            .append_index_html_on_directories(false)
            .precompressed_br()
            .precompressed_gzip();
        Ok(Self {
            files,
            prefix,
            rules,
        })
    }

    /// `/`, or `/some/path/`.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Answers each request of the server.
    pub fn router(self) -> Router {
        Router::new().fallback(answer).with_state(self)
    }
}

async fn answer(State(mut site): State<Site>, mut request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let Some(inner) = path.strip_prefix(&site.prefix) else {
        return if site.prefix.strip_suffix('/') == Some(&path) {
            Redirect::permanent(&site.prefix).into_response()
        } else {
            StatusCode::NOT_FOUND.into_response()
        };
    };
    let file = match inner {
        "" => "index.html",
        headers::FILE => return StatusCode::NOT_FOUND.into_response(),
        file => file,
    };
    let Ok(uri) = Uri::try_from(format!("/{file}")) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    *request.uri_mut() = uri;
    match site.files.try_call(request).await {
        Ok(response) => with_headers(&site.rules, &path, response.map(Body::new)),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")).into_response(),
    }
}

fn with_headers(rules: &[Rule], path: &str, mut response: Response) -> Response {
    // The browser must not use an older copy of a file that was just rebuilt.
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    // `ServeDir` chooses the compressed form by this header, and sends no `Vary`.
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    for (name, value) in headers::for_path(rules, path) {
        let pair = (
            HeaderName::from_bytes(name.as_bytes()),
            HeaderValue::from_str(&value),
        );
        if let (Ok(name), Ok(value)) = pair {
            headers.insert(name, value);
        }
    }
    response
}
