//! What a server keeps on disk, for tools that run beside it: nothing is made, replaced or given another mode.

use std::path::Path;

use crate::{CertificateError, Identity, acme::Folder, pem_text, rotation::Slot, store};

/// The self-signed identities in a directory, that in use first; those that are there.
///
/// # Errors
///
/// A file that can't be read or used.
pub fn self_signed(directory: &Path) -> Result<Vec<Identity>, CertificateError> {
    let read = |slot| pem_text::read_identity(&store::path(directory, slot)).transpose();
    let slots = [Slot::Current, Slot::Next];
    slots.into_iter().filter_map(read).collect()
}

/// What the authority at `directory`, a URL, has issued last, as [`Folder`] keeps it in `store`.
///
/// # Errors
///
/// A file that can't be read or used.
pub fn issued(store: &Path, directory: &str) -> Result<Option<Identity>, CertificateError> {
    Folder::look(store, directory)
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::Certificates;

    #[test]
    fn what_is_not_there_is_not_made() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("none");
        assert!(self_signed(&missing).unwrap().is_empty());
        assert!(issued(&missing, "https://ca.example/").unwrap().is_none());
        assert!(!missing.exists());
    }

    #[cfg(unix)]
    #[test]
    fn what_is_there_is_seen_and_left_as_it_is() {
        use std::fs::{self, Permissions};
        use std::os::unix::fs::PermissionsExt;
        use std::time::{Duration, UNIX_EPOCH};

        let folder = tempfile::tempdir().unwrap();
        let names = ["localhost".to_owned()];
        let served = Certificates::self_signed(
            folder.path(),
            &names,
            UNIX_EPOCH + Duration::from_secs(1_800_000_000),
        )
        .unwrap();
        let file = folder.path().join("current.pem");
        fs::set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
        let before = fs::read(&file).unwrap();

        let hashes: Vec<_> = self_signed(folder.path()).unwrap();
        let hashes: Vec<_> = hashes.iter().map(Identity::sha256).collect();
        assert_eq!(hashes, served.certificate_hashes());
        assert_eq!(fs::read(&file).unwrap(), before);
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o644);
    }
}
