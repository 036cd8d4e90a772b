//! What can be asked of the page, and the answers.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    Method, Request, StatusCode,
    body::{Bytes, Incoming},
    header::{CONTENT_TYPE, HeaderValue, LOCATION},
};
use tokio::sync::Notify;

use super::{
    asked::PageRequest,
    decisions::AfterDecision,
    guard::{HEADERS, Rejection, RequestGuard},
    state::ReviewState,
};

/// The largest form that is read, in bytes.
const MOST_BODY: usize = 64 << 10;

/// How long the last page has time to load its style.
const LAST_LOOK: Duration = Duration::from_millis(500);

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");
const ICON: &str = include_str!("icon.svg");

type PageResponse = hyper::Response<Full<Bytes>>;

pub(super) struct Routes {
    pub guard: RequestGuard,
    pub state: Arc<Mutex<ReviewState>>,
    /// Told when somebody is done.
    pub done: Arc<Notify>,
}

/// What a path and a method ask for.
#[derive(Clone, Copy)]
enum Action {
    Show,
    News,
    Decide,
    Back,
    Done,
}

impl Routes {
    pub fn new(guard: RequestGuard, state: ReviewState) -> Self {
        Self { guard, state: Arc::new(Mutex::new(state)), done: Arc::default() }
    }

    pub async fn answer(&self, request: Request<Incoming>) -> PageResponse {
        let (parts, body) = request.into_parts();
        let path = match self.guard.admit(&parts.method, parts.uri.path(), &parts.headers) {
            Ok(path) => path,
            Err(refused) => return refuse(refused),
        };
        let action = match (&parts.method, path) {
            (&Method::GET, "style.css") => return asset("text/css; charset=utf-8", STYLE),
            (&Method::GET, "script.js") => return asset("text/javascript; charset=utf-8", SCRIPT),
            (&Method::GET, "icon.svg") => return asset("image/svg+xml", ICON),
            (&Method::GET, "") => Action::Show,
            (&Method::GET, "news") => Action::News,
            (&Method::POST, "decide") => Action::Decide,
            (&Method::POST, "back") => Action::Back,
            (&Method::POST, "done") => Action::Done,
            _ => return refuse(Rejection::Token),
        };
        let asked = if parts.method == Method::POST {
            match Limited::new(body, MOST_BODY).collect().await {
                Ok(form) => PageRequest::read(&form.to_bytes()),
                Err(_) => return plain(StatusCode::PAYLOAD_TOO_LARGE, "This form is too long.\n"),
            }
        } else {
            PageRequest::read(parts.uri.query().unwrap_or_default().as_bytes())
        };
        let answer = self.act(action, asked).await;
        if matches!(action, Action::Done) {
            let done = Arc::clone(&self.done);
            tokio::spawn(async move {
                tokio::time::sleep(LAST_LOOK).await;
                done.notify_one();
            });
        }
        answer
    }

    /// Does what is asked for where files may be waited for.
    async fn act(&self, action: Action, asked: PageRequest) -> PageResponse {
        let state = Arc::clone(&self.state);
        let acted = tokio::task::spawn_blocking(move || {
            // What a panic left behind is still true: it is read anew from the files.
            let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
            act(&mut state, action, &asked)
        });
        acted.await.unwrap_or_else(|_| broken())
    }
}

fn act(state: &mut ReviewState, action: Action, asked: &PageRequest) -> PageResponse {
    match action {
        Action::Show => html(state.show(asked)),
        Action::News => match state.news(asked) {
            Some(part) => html(Ok(part)),
            None => plain(StatusCode::NO_CONTENT, ""),
        },
        Action::Done => html(state.farewell()),
        Action::Decide => came_of(state, asked, ReviewState::decide),
        Action::Back => came_of(state, asked, ReviewState::back),
    }
}

/// Does something, and shows its result: in parts to the script, else by another request,
/// so that loading the page again does nothing again.
fn came_of(
    state: &mut ReviewState,
    asked: &PageRequest,
    act: fn(&mut ReviewState, &PageRequest) -> AfterDecision,
) -> PageResponse {
    let outcome = act(state, asked);
    if asked.is_part {
        return html(state.part(&outcome.place, outcome.notice, &outcome.touched));
    }
    see(&outcome.place.address(Some(outcome.notice)))
}

fn html(page: Result<String, askama::Error>) -> PageResponse {
    page.map_or_else(|_| broken(), |page| answer(StatusCode::OK, "text/html; charset=utf-8", page))
}

fn asset(kind: &'static str, text: &'static str) -> PageResponse {
    answer(StatusCode::OK, kind, text)
}

fn plain(status: StatusCode, text: &'static str) -> PageResponse {
    answer(status, "text/plain; charset=utf-8", text)
}

fn broken() -> PageResponse {
    plain(StatusCode::INTERNAL_SERVER_ERROR, "The page could not be made; load it again.\n")
}

fn refuse(refused: Rejection) -> PageResponse {
    match refused {
        Rejection::Token => plain(StatusCode::NOT_FOUND, "There is nothing here.\n"),
        Rejection::Host => plain(
            StatusCode::FORBIDDEN,
            "Open the address as it was printed, on the machine that printed it.\n",
        ),
        Rejection::Origin => plain(StatusCode::FORBIDDEN, "Another page has sent this form.\n"),
    }
}

fn see(address: &str) -> PageResponse {
    let mut response = plain(StatusCode::SEE_OTHER, "");
    if let Ok(address) = HeaderValue::from_str(&format!("{address}#changed")) {
        response.headers_mut().insert(LOCATION, address);
    }
    response
}

fn answer(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> PageResponse {
    let mut response = hyper::Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
