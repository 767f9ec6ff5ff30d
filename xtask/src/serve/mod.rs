//! A static host for one folder, reachable from this machine only.

mod answer;
#[cfg(test)]
mod tests;

use crate::args::Args;
use crate::{project, site};
use answer::Site;
use anyhow::{Context, Result, anyhow};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::{io, thread};
use tokio::runtime::Runtime;

const USUAL_PORT: u16 = 8080;

/// A server that runs until this process ends.
pub struct Host {
    /// The page's address.
    pub address: String,
    server: thread::JoinHandle<io::Result<()>>,
}

/// `cargo xtask serve`
pub fn task(mut args: Args) -> Result<()> {
    let port = args.number("--port")?;
    let folder = args.value("--dist")?.map(PathBuf::from);
    let prefix = args.value("--prefix")?.unwrap_or_default();
    let no_build = args.flag("--no-build");
    args.end()?;
    // Only dist/ can be built here.
    if !no_build && folder.is_none() {
        site::build_to_develop()?;
    }
    let folder = folder.map_or_else(site::dist, |folder| project::root().join(folder));
    let host = Host::start(&folder, &prefix, port)?;
    println!("\nBoxel is at {}\nCtrl-C stops it.", host.address);
    host.wait()
}

impl Host {
    /// Serves the folder under the prefix (`/` or `/some/path/`). Without a port, it uses the default port or
    /// the next free one; with port 0, any free one.
    pub fn start(folder: &Path, prefix: &str, port: Option<u16>) -> Result<Self> {
        let site = Site::open(folder, prefix)?;
        let listener = listen(port)?;
        listener.set_nonblocking(true)?;
        let address = format!("http://{}{}", listener.local_addr()?, site.prefix());
        let runtime = Runtime::new().context("cannot start the server")?;
        let server = thread::spawn(move || {
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener)?;
                axum::serve(listener, site.router()).await
            })
        });
        Ok(Self { address, server })
    }

    fn wait(self) -> Result<()> {
        let result = self.server.join();
        Ok(result.map_err(|_| anyhow!("the server panicked"))??)
    }
}

fn listen(port: Option<u16>) -> Result<TcpListener> {
    let on = |port: u16| TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], port)));
    if let Some(port) = port {
        return on(port).with_context(|| format!("cannot listen on port {port}"));
    }
    (USUAL_PORT..USUAL_PORT + 100)
        .map(on)
        .find(|result| !result.as_ref().is_err_and(is_taken))
        .context("ports 8080 to 8179 are in use: choose another one with --port")?
        .context("cannot listen on this machine")
}

fn is_taken(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::AddrInUse
}
