//! The paths: the API's, the token endpoint's, and the sandbox's own.
//!
//! Must not know: what is stored, how faults are drawn.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{Path, Request, State};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, ORIGIN,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use axum::routing::{get, post, put};
use axum::{Extension, Router};
use serde::Serialize;
use url::form_urlencoded;

use super::Shared;
use super::answer::Answer;
use super::body::{self, Sent};
use super::connection::Connection;
use super::control;
use super::movements::{Delivery, Received};
use super::tokens::{CLIENT_ID, Tokens};
use crate::checks;
use crate::reference::{Codes, Entry, EwcKind, SERVED};

/// The scope of the service's own tokens.
const SCOPE: &str = "waste-movement-external-api-resource-srv/access";
const HOME: &str = "A sandbox of the Receipt of Waste API. Nothing sent here goes anywhere.\n";

pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/", get(home))
        .route("/auth/test", get(auth_test))
        .route("/movements/receive", post(receive).options(preflight))
        .route("/movements/{id}/receive", put(update).options(preflight))
        .route("/reference-data/{list}", get(reference_data))
        .route("/production-approval-tests", post(approval_tests))
        .route("/oauth2/token", post(token))
        .route("/sandbox/movements", get(movements))
        .route("/sandbox/faults", get(faults).post(change_faults))
        .fallback(not_found)
        .method_not_allowed_fallback(not_found)
        .with_state(shared)
}

type Sandbox = State<Arc<Shared>>;

async fn home() -> Response {
    Answer::text(StatusCode::OK, HOME).whole()
}

async fn not_found() -> Response {
    Answer::failure(StatusCode::NOT_FOUND, "Not Found").whole()
}

async fn preflight(headers: HeaderMap) -> Response {
    let origin = headers.get(ORIGIN).cloned().unwrap_or(HeaderValue::from_static("*"));
    Answer::text(StatusCode::OK, "")
        .with(ACCESS_CONTROL_ALLOW_ORIGIN, origin)
        .with(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"))
        .with(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST,PUT"))
        .with(
            ACCESS_CONTROL_ALLOW_HEADERS,
            HeaderValue::from_static("Accept,Authorization,Content-Type"),
        )
        .whole()
}

async fn receive(
    State(shared): Sandbox,
    Extension(connection): Extension<Connection>,
    request: Request,
) -> Response {
    movement(&shared, &connection, None, request).await
}

async fn update(
    State(shared): Sandbox,
    Extension(connection): Extension<Connection>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    movement(&shared, &connection, Some(&id), request).await
}

async fn movement(
    shared: &Shared,
    connection: &Connection,
    target: Option<&str>,
    request: Request,
) -> Response {
    {
        let mut world = shared.world();
        world.store.count_request();
        world.store.arrival(Instant::now());
    }
    let (head, body) = request.into_parts();
    let authorization = head.headers.get(AUTHORIZATION);
    let verdict = match body::read(&head.headers, body).await {
        Sent::Whole(text) => {
            let content = body::understand(&head.headers, &text);
            let check = |body: &_| checks::check(body, Codes::embedded());
            let received = Received::new(target, authorization, &text, content, check);
            shared.world().judge(&received, Instant::now())
        }
        Sent::TooLarge => {
            let received = Received::too_large(target, authorization);
            shared.world().judge(&received, Instant::now())
        }
        Sent::Broken => return connection.cut().await,
    };
    if !verdict.delay.is_zero() {
        tokio::time::sleep(verdict.delay).await;
    }
    match verdict.delivery {
        Delivery::Answer(answer) => answer.whole(),
        Delivery::BrokenOff(answer) => answer.broken_off(),
        Delivery::Cut => connection.cut().await,
        Delivery::Hang => std::future::pending().await,
    }
}

/// Answers a GET that needs a token.
fn authorised(shared: &Shared, headers: &HeaderMap, answer: impl FnOnce() -> Answer) -> Response {
    let mut world = shared.world();
    world.store.count_request();
    match world.tokens.check(headers.get(AUTHORIZATION), Instant::now()) {
        Ok(_) => answer().whole(),
        Err(error) => Answer::unauthorised(error).whole(),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WhoAmI {
    authenticated: bool,
    client_id: &'static str,
}

async fn auth_test(State(shared): Sandbox, headers: HeaderMap) -> Response {
    let who = WhoAmI { authenticated: true, client_id: CLIENT_ID };
    authorised(&shared, &headers, || Answer::json(StatusCode::OK, &who))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ServedCode {
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'static String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_hazardous: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    entry_type_desc: Option<&'static str>,
}

async fn reference_data(
    State(shared): Sandbox,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Response {
    let Some(list) = SERVED.into_iter().find(|list| list.name() == name) else {
        return not_found().await;
    };
    let codes = Codes::embedded();
    let served = |entry: &'static Entry| {
        let kind = codes.ewc(&entry.code);
        ServedCode {
            code: &entry.code,
            description: Some(&entry.meaning).filter(|meaning| !meaning.is_empty()),
            is_hazardous: kind.map(EwcKind::is_hazardous),
            entry_type_desc: kind.map(EwcKind::words),
        }
    };
    let entries: Vec<ServedCode> = codes.entries(list).iter().map(served).collect();
    authorised(&shared, &headers, || Answer::json(StatusCode::OK, &entries))
}

async fn approval_tests(State(shared): Sandbox, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let sent = body::read(&head.headers, body).await;
    let mut world = shared.world();
    world.store.count_request();
    if let Err(error) = world.tokens.check(head.headers.get(AUTHORIZATION), Instant::now()) {
        return Answer::unauthorised(error).whole();
    }
    match sent {
        Sent::Whole(text) => world.judge_for_approval(&text).whole(),
        Sent::TooLarge | Sent::Broken => {
            Answer::failure(StatusCode::PAYLOAD_TOO_LARGE, "the list is too long").whole()
        }
    }
}

async fn movements(State(shared): Sandbox) -> Response {
    let snapshot = shared.world().store.snapshot();
    Answer::written(StatusCode::OK, control::written(&snapshot)).whole()
}

async fn faults(State(shared): Sandbox) -> Response {
    shared.world().in_force().whole()
}

async fn change_faults(State(shared): Sandbox, request: Request) -> Response {
    let (head, body) = request.into_parts();
    match body::read(&head.headers, body).await {
        Sent::Whole(text) => shared.world().change(&text).whole(),
        Sent::TooLarge | Sent::Broken => {
            Answer::failure(StatusCode::BAD_REQUEST, "the body is too long").whole()
        }
    }
}

#[derive(Serialize)]
struct TokenError {
    error: &'static str,
}

#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "OAuth 2.0 calls them so")]
struct Token {
    access_token: String,
    expires_in: u64,
    token_type: &'static str,
}

async fn token(State(shared): Sandbox, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let text = match body::read(&head.headers, body).await {
        Sent::Whole(text) => text,
        Sent::TooLarge | Sent::Broken => String::new(),
    };
    let mut world = shared.world();
    world.store.count_token_request();
    if let Some(rate) = world.plan.draw_for_token() {
        world.plan.struck(&rate);
        return world.busy(&rate).whole();
    }
    let answer = match token_request(&world.tokens, &head.headers, &text) {
        Err(error) => Answer::json(StatusCode::BAD_REQUEST, &TokenError { error }),
        Ok(()) => match world.tokens.issue(Instant::now()) {
            Ok(access_token) => {
                let expires_in = world.tokens.life().as_secs();
                let token = Token { access_token, expires_in, token_type: "Bearer" };
                Answer::json(StatusCode::OK, &token)
            }
            Err(error) => Answer::failure(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
        },
    };
    answer.with(CACHE_CONTROL, HeaderValue::from_static("no-store")).whole()
}

/// Judges a request for a token, in the words of OAuth 2.0 and the order of Cognito.
fn token_request(tokens: &Tokens, headers: &HeaderMap, text: &str) -> Result<(), &'static str> {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err("invalid_request");
    }
    let form: Vec<_> = form_urlencoded::parse(text.as_bytes()).collect();
    let field = |wanted: &str| {
        form.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_ref())
    };
    match field("grant_type") {
        Some("client_credentials") => {}
        Some(_) => return Err("unsupported_grant_type"),
        None => return Err("invalid_request"),
    }
    let (id, secret) = (field("client_id"), field("client_secret"));
    if !tokens.proves(headers.get(AUTHORIZATION), id, secret) {
        return Err("invalid_client");
    }
    match field("scope") {
        None | Some("" | SCOPE) => Ok(()),
        Some(_) => Err("invalid_scope"),
    }
}
