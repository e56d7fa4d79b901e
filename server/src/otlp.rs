//! Traces to a collector, by OTLP over HTTP: a span for each session, with its links and its report card as events.

use std::fmt;
use std::io;
use std::time::Duration;

use async_trait::async_trait;
use axum::http::{Request, Response};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tokio::runtime::Handle;
use tracing::Subscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::registry::LookupSpan;

use crate::https::{self, Scheme};

/// How long a collector may take over an answer, and the most of it.
const TIMEOUT: Duration = Duration::from_secs(10);
const MOST_BYTES: usize = 64 << 10;

/// How long the last spans may take at the end of the process.
const FAREWELL: Duration = Duration::from_secs(2);

/// Sends spans to a collector for as long as it lives.
pub(crate) struct Traces(SdkTracerProvider);

impl Traces {
    /// Sends to the collector whose OTLP over HTTP begins at `collector`, such as `http://127.0.0.1:4318`. Needs a runtime
    /// around it.
    ///
    /// # Errors
    /// A URL that can't be one, or a system without authorities.
    pub(crate) fn begin(
        collector: &str,
        service: &'static str,
        node: &str,
    ) -> Result<Self, Box<dyn std::error::Error>> {
        let client = CollectorClient {
            handle: Handle::current(),
            client: Client::builder(TokioExecutor::new())
                .build(https::connector(None, Scheme::Either)?),
        };
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(client)
            .with_endpoint(format!("{}/v1/traces", collector.trim_end_matches('/')))
            .with_timeout(TIMEOUT)
            .build()?;
        let resource = Resource::builder()
            .with_service_name(service)
            .with_attribute(KeyValue::new("service.instance.id", node.to_owned()))
            .build();
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(resource)
            .build();
        Ok(Self(provider))
    }

    /// Takes the spans of sessions, and what is logged in them.
    pub(crate) fn layer<S: Subscriber + for<'a> LookupSpan<'a>>(&self) -> impl Layer<S> + use<S> {
        let sessions = Targets::new()
            .with_target("server::room", tracing::Level::DEBUG)
            .with_target("report_card", tracing::Level::INFO);
        tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer("server"))
            .with_location(false)
            .with_threads(false)
            .with_filter(sessions)
    }

    /// Sends what is left. Blocks, for two seconds at most.
    pub(crate) fn end(self) {
        if let Err(error) = self.0.shutdown_with_timeout(FAREWELL) {
            tracing::warn!(%error, "the last spans didn't reach the collector");
        }
    }
}

/// Posts on the server's runtime what a thread of the exporter's asks for.
struct CollectorClient {
    handle: Handle,
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

impl fmt::Debug for CollectorClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CollectorClient").finish_non_exhaustive()
    }
}

#[async_trait]
impl opentelemetry_http::HttpClient for CollectorClient {
    async fn send_bytes(
        &self,
        request: Request<Bytes>,
    ) -> Result<Response<Bytes>, opentelemetry_http::HttpError> {
        let client = self.client.clone();
        let asked = async move {
            let response = client.request(request.map(Full::new)).await?;
            let (head, body) = response.into_parts();
            let body = Limited::new(body, MOST_BYTES).collect().await?;
            Ok(Response::from_parts(head, body.to_bytes()))
        };
        let in_time = async move { tokio::time::timeout(TIMEOUT, asked).await };
        self.handle
            .spawn(in_time)
            .await?
            .unwrap_or_else(|_| Err(io::Error::from(io::ErrorKind::TimedOut).into()))
    }
}
