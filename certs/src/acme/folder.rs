//! The folder of one authority: the account there and the newest certificate, for this user alone.

use std::path::{Path, PathBuf};

use crate::{CertificateError, Identity, pem_text, private_file};

/// Where an authority's account and certificate are kept, so that a restart asks it for nothing.
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// The folder of the authority at `directory`, a URL, below `store`; made when missing (mode 0700). Each authority has
    /// its own, so that a certificate of one for tests is none of the real one's.
    ///
    /// # Errors
    /// A folder that can't be made.
    pub fn open(store: &Path, directory: &str) -> Result<Self, CertificateError> {
        let path = store.join(file_name(directory));
        private_file::make_directory(&path)?;
        Ok(Self { path })
    }

    /// What [`Folder::certificate`] would find, without making the folder or changing the file.
    pub(crate) fn look(
        store: &Path,
        directory: &str,
    ) -> Result<Option<Identity>, CertificateError> {
        let path = store.join(file_name(directory));
        pem_text::read_identity(&Self { path }.certificate_path())
    }

    /// The account, in whatever text it was saved; `None` when there is none.
    ///
    /// # Errors
    /// A file that can't be read.
    pub fn account(&self) -> Result<Option<String>, CertificateError> {
        let text = private_file::read(&self.account_path())?;
        Ok(text.map(|text| String::from_utf8_lossy(&text).into_owned()))
    }

    /// Saves the account, which holds its key (mode 0600).
    ///
    /// # Errors
    /// A file that can't be written.
    pub fn save_account(&self, text: &str) -> Result<(), CertificateError> {
        private_file::replace(&self.account_path(), text)
    }

    pub(crate) fn certificate(&self) -> Result<Option<Identity>, CertificateError> {
        pem_text::read_private_identity(&self.certificate_path())
    }

    pub(crate) fn save_certificate(&self, identity: &Identity) -> Result<(), CertificateError> {
        private_file::replace(&self.certificate_path(), &pem_text::encode(identity))
    }

    fn account_path(&self) -> PathBuf {
        self.path.join("account.json")
    }

    /// Chain and key in one file, so that they can't come apart.
    pub(crate) fn certificate_path(&self) -> PathBuf {
        self.path.join("certificate.pem")
    }
}

/// A URL as the name of a file.
fn file_name(url: &str) -> String {
    let bare = url.split_once("://").map_or(url, |(_, bare)| bare);
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-.".contains(letter);
    let name: String = bare
        .chars()
        .map(|letter| if plain(letter) { letter } else { '_' })
        .collect();
    name.trim_matches(['.', '_']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_authority_has_a_folder_of_its_own() {
        assert_eq!(
            file_name("https://acme-v02.api.letsencrypt.org/directory"),
            "acme-v02.api.letsencrypt.org_directory"
        );
        assert_eq!(
            file_name("https://[::1]:14000/dir"),
            "__1__14000_dir".trim_matches('_')
        );
        assert_eq!(
            file_name("https://../../etc"),
            "_.._etc".trim_matches(['.', '_'])
        );
    }

    #[test]
    fn an_account_is_kept_for_this_user_alone() {
        let store = tempfile::tempdir().unwrap();
        let folder = Folder::open(store.path(), "https://ca.example/dir").unwrap();
        assert_eq!(folder.account().unwrap(), None);
        folder.save_account("{\"key\":1}").unwrap();
        folder.save_account("{\"key\":2}").unwrap();
        let again = Folder::open(store.path(), "https://ca.example/dir").unwrap();
        assert_eq!(again.account().unwrap().as_deref(), Some("{\"key\":2}"));
        let other = Folder::open(store.path(), "https://other.example/dir").unwrap();
        assert_eq!(other.account().unwrap(), None);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(&folder.account_path()), 0o600);
            assert_eq!(mode(&folder.path), 0o700);
        }
    }
}
