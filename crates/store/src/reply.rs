use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    thread,
};

use tokio::sync::oneshot;

use crate::StoreError;

/// The answer to something that is already under way: `.await` it, or [`Reply::wait`] for it outside of async code.
/// Dropping it does not take the request back.
#[must_use = "whether it worked is known only from the reply"]
#[derive(Debug)]
pub struct Reply<T>(oneshot::Receiver<Result<T, StoreError>>);

impl<T: Send + 'static> Reply<T> {
    /// Blocks until the answer is there. Panics inside an async runtime.
    pub fn wait(self) -> Result<T, StoreError> {
        self.0.blocking_recv().unwrap_or(Err(StoreError::Closed))
    }

    pub(crate) fn channel() -> (oneshot::Sender<Result<T, StoreError>>, Self) {
        let (send, receive) = oneshot::channel();
        (send, Self(receive))
    }

    /// Does `work`, which may block, on a thread of its own.
    pub(crate) fn on_thread(work: impl FnOnce() -> Result<T, StoreError> + Send + 'static) -> Self {
        let (send, reply) = Self::channel();
        // Without a thread the sender is dropped, and the reply says `Closed`.
        let _ = thread::Builder::new().name("secrets".into()).spawn(move || send.send(work()));
        reply
    }
}

impl<T> Future for Reply<T> {
    type Output = Result<T, StoreError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context).map(|answer| answer.unwrap_or(Err(StoreError::Closed)))
    }
}
