//! A static host for one folder, on this machine only.

mod answer;
mod headers;

use crate::args::Args;
use crate::{project, site};
use answer::Site;
use anyhow::{Context, Result, anyhow};
use std::error::Error;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{io, thread};
use tiny_http::Server;

const USUAL_PORT: u16 = 8080;

/// A server that answers until this process ends.
pub struct Host {
    /// The page's address.
    pub address: String,
    workers: Vec<thread::JoinHandle<()>>,
}

/// `cargo xtask serve`
pub fn task(mut args: Args) -> Result<()> {
    let port = args.number("--port")?;
    let folder = args.value("--dist")?.map(PathBuf::from);
    let prefix = args.value("--prefix")?.unwrap_or_default();
    let no_build = args.flag("--no-build");
    args.end()?;
    // Another folder than dist/ is not built by us.
    if !no_build && folder.is_none() {
        site::build()?;
    }
    let folder = folder.map_or_else(site::dist, |folder| project::root().join(folder));
    let host = Host::start(&folder, &prefix, port)?;
    println!("\nBoxel is at {}\nCtrl-C stops it.", host.address);
    host.wait()
}

impl Host {
    /// Serves the folder under the prefix (`/` or `/some/path/`). Without a port: the usual one or the next free one;
    /// port 0: any free one.
    pub fn start(folder: &Path, prefix: &str, port: Option<u16>) -> Result<Self> {
        let site = Arc::new(Site::open(folder, prefix)?);
        let server = Arc::new(listen(port)?);
        // One slow answer must not hold up the others.
        let workers = (0..4).map(|_| {
            let (server, site) = (Arc::clone(&server), Arc::clone(&site));
            thread::spawn(move || {
                while let Ok(request) = server.recv() {
                    // The browser may leave before the answer is out: nothing to do about it.
                    let _ = site.answer(request);
                }
            })
        });
        let workers = workers.collect();
        let address = format!("http://{}{}", server.server_addr(), site.prefix());
        Ok(Self { address, workers })
    }

    fn wait(self) -> Result<()> {
        for worker in self.workers {
            let result = worker.join();
            result.map_err(|_| anyhow!("a thread of the server panicked"))?;
        }
        Ok(())
    }
}

fn listen(port: Option<u16>) -> Result<Server> {
    let on = |port: u16| Server::http(SocketAddr::from(([127, 0, 0, 1], port)));
    if let Some(port) = port {
        return on(port).map_err(|error| anyhow!("cannot listen on port {port}: {error}"));
    }
    (USUAL_PORT..USUAL_PORT + 100)
        .map(on)
        .find(|result| !result.as_ref().is_err_and(|error| is_taken(error.as_ref())))
        .context("port 8080 and the 99 after it are taken: name another one with --port")?
        .map_err(|error| anyhow!("cannot listen on this machine: {error}"))
}

fn is_taken(error: &(dyn Error + Send + Sync + 'static)) -> bool {
    error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == io::ErrorKind::AddrInUse)
}
