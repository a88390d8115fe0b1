//! A sandbox, a client, and a movement that the service takes.

use reqwest::header::HeaderMap;
use reqwest::{Client, Method, RequestBuilder};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use waste_receipts::sandbox::{API_CODES, Fault, FaultRate, Options, Reference, Sandbox};

/// A sandbox, and a client with a token for it.
pub(crate) struct Bench {
    pub(crate) sandbox: Sandbox,
    pub(crate) client: Client,
    pub(crate) token: String,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The keys and types of the errors, or warnings, that it lists.
    pub(crate) fn findings(&self, kind: &str) -> Vec<(String, String)> {
        let json = self.json();
        let listed = json["validation"][kind].as_array().cloned().unwrap_or_default();
        let text = |finding: &Value, name: &str| finding[name].as_str().unwrap().to_owned();
        listed.iter().map(|finding| (text(finding, "key"), text(finding, "errorType"))).collect()
    }
}

impl Bench {
    pub(crate) async fn start(options: Options) -> Bench {
        let sandbox = Sandbox::start(options).await.unwrap();
        // As in the program; whoever comes second finds it installed.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().no_proxy().build().unwrap();
        let token = give_token(&client, &sandbox).await;
        Bench { sandbox, client, token }
    }

    /// A sandbox in which one fault strikes every request.
    pub(crate) async fn with(fault: &str) -> Bench {
        let faults = vec![fault.parse().unwrap()];
        Bench::start(Options { faults, ..Options::default() }).await
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.sandbox.api_url()))
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        read(self.request(Method::GET, path).bearer_auth(&self.token)).await.unwrap()
    }

    pub(crate) async fn post(&self, body: &Value) -> reqwest::Result<Answer> {
        self.send(Method::POST, "/movements/receive", body).await
    }

    pub(crate) async fn put(&self, id: &str, body: &Value) -> reqwest::Result<Answer> {
        self.send(Method::PUT, &format!("/movements/{id}/receive"), body).await
    }

    async fn send(&self, method: Method, path: &str, body: &Value) -> reqwest::Result<Answer> {
        let request = self.request(method, path).bearer_auth(&self.token);
        read(request.header("content-type", "application/json").body(body.to_string())).await
    }

    /// Stores a movement, whatever faults are in force, and gives its ID.
    pub(crate) async fn store(&self, body: &Value, faults: Vec<FaultRate>) -> String {
        self.sandbox.set_faults(Vec::new()).unwrap();
        let answer = self.post(body).await.unwrap();
        assert_eq!(answer.status, 201, "{}", answer.text);
        self.sandbox.set_faults(faults).unwrap();
        answer.json()["wasteTrackingId"].as_str().unwrap().to_owned()
    }

    /// What the oracle says of the only reference that it saw.
    pub(crate) fn reference(&self) -> Reference {
        let mut references = self.sandbox.stored().references;
        assert_eq!(references.len(), 1);
        references.remove(0)
    }

    /// What the oracle says of the only POST that it saw.
    pub(crate) fn outcome(&self) -> (Option<Fault>, Option<u16>, bool) {
        let reference = self.reference();
        assert_eq!((reference.posts, reference.outcomes.len()), (1, 1));
        let outcome = reference.outcomes[0];
        assert_eq!(reference.stored, u32::from(outcome.stored));
        assert_eq!(self.sandbox.stored().movements.len(), usize::from(outcome.stored));
        (outcome.fault, outcome.status, outcome.stored)
    }
}

/// Sends a request and reads its answer to the end.
pub(crate) async fn read(request: RequestBuilder) -> reqwest::Result<Answer> {
    let response = request.send().await?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Ok(Answer { status, headers, text: response.text().await? })
}

pub(crate) async fn give_token(client: &Client, sandbox: &Sandbox) -> String {
    let secret = sandbox.client_secret();
    let request = client
        .post(sandbox.token_url())
        .basic_auth(sandbox.client_id(), Some(secret.expose_secret()))
        .form(&[("grant_type", "client_credentials")]);
    let answer = read(request).await.unwrap();
    answer.json()["access_token"].as_str().unwrap_or_default().to_owned()
}

/// A movement that the service takes without a warning.
pub(crate) fn movement(reference: &str) -> Value {
    json!({
        "apiCode": API_CODES[0],
        "dateTimeReceived": "2026-04-09T11:00:00Z",
        "yourUniqueReference": reference,
        "wasteItems": [{
            "ewcCodes": ["191204"],
            "wasteDescription": "Sorted rigid plastics",
            "physicalForm": "Solid",
            "numberOfContainers": 24,
            "typeOfContainers": "BAL",
            "weight": {"metric": "Tonnes", "amount": 18.2, "isEstimate": false},
            "containsPops": false,
            "containsHazardous": false,
            "disposalOrRecoveryCodes": [
                {"code": "R3", "weight": {"metric": "Tonnes", "amount": 18.2, "isEstimate": false}}
            ]
        }],
        "carrier": {
            "registrationNumber": "CBDL77120",
            "organisationName": "Tidewell Logistics Example",
            "meansOfTransport": "Road",
            "vehicleRegistration": "YX23 KLM"
        },
        "receiver": {"siteName": "Tidewell Reprocessing", "authorisationNumber": "EPR/AB1234CD"},
        "receipt": {"address": {"fullAddress": "Dock 2, Tidewell Quay", "postcode": "QD1 1AA"}}
    })
}

/// The same under another apiCode.
pub(crate) fn movement_of(api_code: &str, reference: &str) -> Value {
    let mut body = movement(reference);
    body["apiCode"] = json!(api_code);
    body
}
