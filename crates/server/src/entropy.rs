//! The machine's random source: the one place that draws from it.

use domain::Entropy;

/// What the operating system gives.
#[derive(Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    /// Without randomness no token is safe, so the process ends rather than go on.
    fn fill(&self, bytes: &mut [u8]) {
        #[expect(clippy::disallowed_methods, reason = "the one place that draws randomness")]
        let filled = getrandom::fill(bytes);
        if filled.is_err() {
            tracing::error!("the operating system gives no randomness");
            std::process::abort();
        }
    }
}
