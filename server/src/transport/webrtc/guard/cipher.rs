//! Sees what is in a peer's DTLS records. The stack decrypts them itself, by the cipher that it is given: this one lets
//! nothing pass as genuine that the rules for SCTP refuse, and a record that is not genuine is dropped.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rtc::crypto::{
    ActiveKeyExchange, AeadAlgorithm, AeadCipher, BlockCipherAlgorithm, CryptoAlgorithm,
    CryptoError, HashAlgorithm, HmacAlgorithm, KeyExchangeAlgorithm, Mac, PublicKey, RTCCrypto,
    RTCCryptoProvider, RTCRandom, SignatureScheme, SigningKey, StreamCipher, StreamCipherAlgorithm,
};

use super::sctp::SctpFilter;
use crate::counters;

/// Where the additional data of a record has its content type, and what data is called there (RFC 5246 §6.2.3.3).
const CONTENT_TYPE: usize = 8;
const APPLICATION_DATA: u8 = 23;

/// A provider of cryptography for one peer.
#[derive(Clone)]
pub(in super::super) struct GuardedCrypto {
    provider: Arc<dyn RTCCryptoProvider>,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    sctp: Mutex<SctpFilter>,
    genuine: AtomicU64,
}

impl Seen {
    fn sctp(&self) -> MutexGuard<'_, SctpFilter> {
        let sctp = self.sctp.lock();
        sctp.unwrap_or_else(PoisonError::into_inner)
    }
}

impl GuardedCrypto {
    pub(in super::super) fn new(provider: Arc<dyn RTCCryptoProvider>) -> Self {
        Self {
            provider,
            seen: Arc::default(),
        }
    }

    /// How many records of the peer's were genuine.
    pub(in super::super) fn genuine(&self) -> u64 {
        self.seen.genuine.load(Ordering::Relaxed)
    }
}

impl RTCCryptoProvider for GuardedCrypto {
    fn name(&self) -> &'static str {
        self.provider.name()
    }

    fn crypto(&self) -> &dyn RTCCrypto {
        self
    }

    fn random(&self) -> &dyn RTCRandom {
        self.provider.random()
    }
}

/// All but CBC, by which DTLS could read what is not seen here. The other ciphers are SRTP's, of which nothing is read.
impl RTCCrypto for GuardedCrypto {
    fn supports(&self, algorithm: CryptoAlgorithm) -> bool {
        !matches!(algorithm, CryptoAlgorithm::Cbc(_)) && self.provider.crypto().supports(algorithm)
    }

    fn block_encrypt(
        &self,
        algorithm: BlockCipherAlgorithm,
        key: &[u8],
        block: &mut [u8],
    ) -> Result<(), CryptoError> {
        self.provider.crypto().block_encrypt(algorithm, key, block)
    }

    fn new_stream_cipher(
        &self,
        algorithm: StreamCipherAlgorithm,
        key: &[u8],
    ) -> Result<Box<dyn StreamCipher>, CryptoError> {
        self.provider.crypto().new_stream_cipher(algorithm, key)
    }

    fn hash(&self, algorithm: HashAlgorithm, data: &[u8]) -> Result<Vec<u8>, CryptoError> {
        self.provider.crypto().hash(algorithm, data)
    }

    fn new_hmac(&self, algorithm: HmacAlgorithm, key: &[u8]) -> Result<Box<dyn Mac>, CryptoError> {
        self.provider.crypto().new_hmac(algorithm, key)
    }

    fn new_aead(
        &self,
        algorithm: AeadAlgorithm,
        key: &[u8],
    ) -> Result<Box<dyn AeadCipher>, CryptoError> {
        let cipher = self.provider.crypto().new_aead(algorithm, key)?;
        let seen = Arc::clone(&self.seen);
        Ok(Box::new(GuardedCipher { cipher, seen }))
    }

    fn start_key_exchange(
        &self,
        algorithm: KeyExchangeAlgorithm,
    ) -> Result<Box<dyn ActiveKeyExchange>, CryptoError> {
        self.provider.crypto().start_key_exchange(algorithm)
    }

    fn generate_signing_key(
        &self,
        scheme: SignatureScheme,
    ) -> Result<Arc<dyn SigningKey>, CryptoError> {
        self.provider.crypto().generate_signing_key(scheme)
    }

    fn import_signing_key(
        &self,
        scheme: SignatureScheme,
        pkcs8_der: &[u8],
    ) -> Result<Arc<dyn SigningKey>, CryptoError> {
        self.provider.crypto().import_signing_key(scheme, pkcs8_der)
    }

    fn verify_signature(
        &self,
        scheme: SignatureScheme,
        public_key: PublicKey<'_>,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        let crypto = self.provider.crypto();
        crypto.verify_signature(scheme, public_key, message, signature)
    }
}

struct GuardedCipher {
    cipher: Box<dyn AeadCipher>,
    seen: Arc<Seen>,
}

impl AeadCipher for GuardedCipher {
    fn tag_len(&self) -> usize {
        self.cipher.tag_len()
    }

    fn seal_in_place(
        &mut self,
        nonce: &[u8],
        aad: &[u8],
        bytes: &mut [u8],
        tag: &mut [u8],
    ) -> Result<(), CryptoError> {
        if is_data(aad) {
            self.seen.sctp().note_sent(bytes);
        }
        self.cipher.seal_in_place(nonce, aad, bytes, tag)
    }

    fn open_in_place(
        &mut self,
        nonce: &[u8],
        aad: &[u8],
        bytes: &mut [u8],
        tag: &[u8],
    ) -> Result<(), CryptoError> {
        self.cipher.open_in_place(nonce, aad, bytes, tag)?;
        self.seen.genuine.fetch_add(1, Ordering::Relaxed);
        if !is_data(aad) {
            return Ok(());
        }
        let admitted = self.seen.sctp().admit(bytes);
        admitted.map_err(|reason| {
            counters::refused("sctp-packet", reason);
            CryptoError::AuthenticationFailed
        })
    }
}

fn is_data(aad: &[u8]) -> bool {
    aad.get(CONTENT_TYPE) == Some(&APPLICATION_DATA)
}
