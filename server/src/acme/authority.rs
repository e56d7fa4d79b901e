//! The conversation with the authority: an account, an order, its challenges, and the certificate.

use std::future::Future;
use std::time::{Duration, SystemTime};

use certs::acme::{Challenges, Folder};
use certs::{CertificateError, Certificates, Identity};
use instant_acme::{
    Account, AccountCredentials, AuthorizationStatus, CertificateIdentifier, ChallengeType, Error,
    Identifier, NewAccount, NewOrder, Order, OrderStatus, RetryPolicy,
};
use tracing::{info, warn};

use super::error::{OrderError, explain};
use super::https::Https;
use super::settings::{Acme, Challenge};
use crate::clock::Clock;

/// How long an order may take.
const ORDER_TIMEOUT: Duration = Duration::from_secs(5 * 60);

/// How an order is asked about: at first four times a second.
const POLL: RetryPolicy = RetryPolicy::new()
    .initial_delay(Duration::from_millis(250))
    .backoff(1.5)
    .timeout(Duration::from_secs(120));

/// An authority, and who we are there.
pub(crate) struct CertificateAuthority {
    pub(crate) settings: Acme,
    pub(crate) folder: Folder,
    pub(crate) challenges: Challenges,
    pub(crate) clock: Clock,
}

/// When an authority wants a certificate renewed.
pub(super) struct Window {
    pub(super) start: SystemTime,
    pub(super) end: SystemTime,
    pub(super) ask_again: Duration,
}

/// A talk with the authority.
struct Talk {
    account: Account,
    https: Https,
    clock: Clock,
}

impl CertificateAuthority {
    /// Orders a certificate, which is served from then on.
    ///
    /// # Errors
    /// [`OrderError`]; the present one is still served.
    pub(super) async fn order(&self, certificates: &Certificates) -> Result<(), OrderError> {
        let ordered = async {
            match self.order_once(certificates, false).await {
                Err(OrderError::NoAccount) => self.order_once(certificates, true).await,
                outcome => outcome,
            }
        };
        let outcome = tokio::time::timeout(ORDER_TIMEOUT, ordered).await;
        self.challenges.clear();
        outcome.unwrap_or_else(|_| Err(OrderError::Unreachable("the order took too long".into())))
    }

    /// When the authority wants this one renewed.
    ///
    /// # Errors
    /// [`OrderError::Unsupported`] where it doesn't say.
    pub(super) async fn window(&self, identity: &Identity) -> Result<Window, OrderError> {
        let asked = async {
            let talk = self.talk(false).await?;
            let id = certificate_id(identity).ok_or(OrderError::Unsupported("this certificate"))?;
            talk.told(talk.account.renewal_info(&id)).await
        };
        let (info, ask_again) = tokio::time::timeout(ORDER_TIMEOUT, asked)
            .await
            .unwrap_or_else(|_| Err(OrderError::Unreachable("no answer".into())))?;
        Ok(Window {
            start: info.suggested_window.start.into(),
            end: info.suggested_window.end.into(),
            ask_again,
        })
    }

    async fn order_once(
        &self,
        certificates: &Certificates,
        is_stranger: bool,
    ) -> Result<(), OrderError> {
        let talk = self.talk(is_stranger).await?;
        let Some(request) = certificates.request()? else {
            return Err(OrderError::Unsupported("what is configured here"));
        };
        let mut order = self.begin(&talk, certificates.issued().as_deref()).await?;
        self.prove(&talk, &mut order).await?;
        match talk.told(order.poll_ready(&POLL)).await {
            Ok(OrderStatus::Invalid) | Err(OrderError::Refused(_)) => {
                return Err(OrderError::Refused(unproven(&mut order).await));
            }
            outcome => outcome?,
        };
        talk.told(order.finalize_csr(request.csr())).await?;
        let chain = talk.told(order.poll_certificate(&POLL)).await?;
        let handle = certificates.clone();
        let now = self.clock.system_time();
        on_files(move || handle.install(request, &chain, now).map(drop)).await
    }

    /// The order, told which certificate it replaces where the authority wants to know.
    async fn begin(&self, talk: &Talk, issued: Option<&Identity>) -> Result<Order, OrderError> {
        let domains = self.settings.domains.iter().cloned();
        let identifiers: Vec<Identifier> = domains.map(Identifier::Dns).collect();
        if let Some(id) = issued.and_then(certificate_id) {
            let replacing = NewOrder::new(&identifiers).replaces(id);
            match talk.told(talk.account.new_order(&replacing)).await {
                // One that it doesn't know, or has seen replaced (RFC 9773 §5), is no obstacle.
                Err(OrderError::Refused(_) | OrderError::Unsupported(_)) => {}
                // An answer that makes no sense to the library, such as one that doesn't repeat the replaced one.
                Err(OrderError::Unreachable(_)) if talk.https.last_answer().is_some() => {}
                outcome => return outcome,
            }
        }
        talk.told(talk.account.new_order(&NewOrder::new(&identifiers)))
            .await
    }

    /// Makes the answers ready to each challenge, and says so.
    async fn prove(&self, talk: &Talk, order: &mut Order) -> Result<(), OrderError> {
        let kind = match self.settings.challenge {
            Challenge::TlsAlpn01 => ChallengeType::TlsAlpn01,
            Challenge::Http01 => ChallengeType::Http01,
        };
        let mut authorizations = order.authorizations();
        while let Some(authorization) = authorizations.next().await {
            let mut authorization = talk.judged(authorization)?;
            match authorization.status {
                AuthorizationStatus::Pending => {}
                AuthorizationStatus::Valid => continue,
                status => return Err(OrderError::Refused(format!("authorization: {status:?}"))),
            }
            let Some(mut challenge) = authorization.challenge(kind.clone()) else {
                return Err(OrderError::Unsupported("the challenge of acme.challenge"));
            };
            let proof = challenge.key_authorization();
            match self.settings.challenge {
                Challenge::TlsAlpn01 => {
                    let name = challenge.identifier().to_string();
                    let digest = proof.digest();
                    let digest = <&[u8; 32]>::try_from(digest.as_ref())
                        .map_err(|_| OrderError::Unsupported("SHA-256"))?;
                    self.challenges.add_certificate(&name, digest)?;
                }
                Challenge::Http01 => self.challenges.add_text(&challenge.token, proof.as_str()),
            }
            talk.told(challenge.set_ready()).await?;
        }
        Ok(())
    }

    /// Comes with our account; with a new one as a stranger, or for the first time.
    async fn talk(&self, is_stranger: bool) -> Result<Talk, OrderError> {
        let unaskable =
            |error: std::io::Error| OrderError::Unaskable(format!("acme.root: {error}"));
        let https = Https::new(self.settings.root.as_deref(), self.clock).map_err(unaskable)?;
        let judged =
            |error: &Error| OrderError::new(error, https.last_answer(), self.clock.system_time());
        let builder = Account::builder_with_http(Box::new(https.clone()));
        let account = match self.credentials().await?.filter(|_| !is_stranger) {
            Some(known) => builder.from_credentials(known).await,
            None => {
                let contact = self.settings.contact.iter();
                let contact: Vec<String> = contact.map(|mail| format!("mailto:{mail}")).collect();
                let contact: Vec<&str> = contact.iter().map(String::as_str).collect();
                let new = NewAccount {
                    contact: &contact,
                    terms_of_service_agreed: true,
                    only_return_existing: false,
                };
                let created = builder.create(&new, self.settings.directory.clone(), None);
                let (account, credentials) = created.await.map_err(|error| judged(&error))?;
                self.save(&credentials).await?;
                info!(
                    account = account.id(),
                    "an account at the certificate authority was made"
                );
                Ok(account)
            }
        };
        let account = account.map_err(|error| judged(&error))?;
        Ok(Talk {
            account,
            https,
            clock: self.clock,
        })
    }

    async fn credentials(&self) -> Result<Option<AccountCredentials>, OrderError> {
        let folder = self.folder.clone();
        let text = on_files(move || folder.account()).await?;
        let read = |text: String| {
            serde_json::from_str(&text)
                .inspect_err(|error| warn!(%error, "the account's file is damaged: a new account"))
                .ok()
        };
        Ok(text.and_then(read))
    }

    async fn save(&self, credentials: &AccountCredentials) -> Result<(), OrderError> {
        let folder = self.folder.clone();
        let text = serde_json::to_string(credentials)
            .map_err(|error| OrderError::Refused(error.to_string()))?;
        on_files(move || folder.save_account(&text)).await
    }
}

impl Talk {
    async fn told<T>(
        &self,
        answer: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, OrderError> {
        self.judged(answer.await)
    }

    fn judged<T>(&self, outcome: Result<T, Error>) -> Result<T, OrderError> {
        let now = self.clock.system_time();
        outcome.map_err(|error| OrderError::new(&error, self.https.last_answer(), now))
    }
}

/// Which name was not proved, and why, in the authority's words.
async fn unproven(order: &mut Order) -> String {
    let mut authorizations = order.authorizations();
    while let Some(Ok(mut authorization)) = authorizations.next().await {
        let Ok(state) = authorization.refresh().await else {
            continue;
        };
        let mut problems = state
            .challenges
            .iter()
            .filter_map(|challenge| challenge.error.as_ref());
        if let Some(problem) = problems.next() {
            return format!("{}: {}", state.identifier(), explain(problem));
        }
    }
    "the order has become invalid".to_owned()
}

/// By what authorities know a certificate (RFC 9773 §4.1); some have nothing that it is made of.
fn certificate_id(identity: &Identity) -> Option<CertificateIdentifier<'_>> {
    CertificateIdentifier::try_from(identity.chain().first()?).ok()
}

/// On a thread that may block.
async fn on_files<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, CertificateError> + Send + 'static,
) -> Result<T, OrderError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(outcome) => Ok(outcome?),
        Err(error) => Err(OrderError::Unreachable(error.to_string())),
    }
}
