//! Deciding in a browser.

use tokio::runtime::Builder;

use super::super::{
    context::{CliError, stdout_style},
    output::say,
};
use crate::{
    conversation::CaseName,
    engine,
    review::{Session, web::ReviewServer},
};

/// Serves the page until somebody is done or ends it; whether something is left.
pub(super) fn decide(
    session: Session,
    selects: impl Fn(&CaseName) -> bool + Send + 'static,
    port: u16,
) -> Result<bool, CliError> {
    let runtime = Builder::new_multi_thread().enable_all().build().map_err(CliError::Threads)?;
    runtime.block_on(async {
        let server = ReviewServer::start(session, selects, port).await;
        let server = server.map_err(|error| CliError::Says(error.to_string()))?;
        let style = stdout_style();
        say(format!("{}\n", style.strong(server.address())))?;
        say(style
            .dim("Open it in a browser on this machine. Ctrl-C, or Done on the page, ends it."))?;
        tokio::select! {
            () = server.done() => {}
            () = engine::ending_signal() => {}
        }
        Ok(server.end().await)
    })
}
