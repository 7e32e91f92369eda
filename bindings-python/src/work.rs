//! Long work on a thread of its own: the caller waits without holding the interpreter, looks up for Ctrl-C, and tells of progress.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyBool;

use crate::error::{Failure, Outcome};

/// How often the caller looks up from waiting.
const GLANCE: Duration = Duration::from_millis(50);

/// What the two threads tell each other.
#[derive(Default)]
pub(crate) struct Watch {
    done: AtomicU64,
    total: AtomicU64,
    stop: AtomicBool,
}

impl Watch {
    /// Notes how far the work is; `false` to stop it.
    pub(crate) fn note(&self, done: u64, total: u64) -> bool {
        self.total.store(total, Ordering::Relaxed);
        self.done.store(done, Ordering::Relaxed);
        !self.is_stopped()
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// Does the work on a thread of its own and waits for it.
pub(crate) fn worked<T: Send + 'static>(
    py: Python<'_>,
    progress: &Progress<'_>,
    work: impl FnOnce(&Watch) -> Outcome<T> + Send + 'static,
) -> Outcome<T> {
    let watch = Arc::new(Watch::default());
    let (sender, receiver) = sync_channel(1);
    let seen = watch.clone();
    let worker = std::thread::Builder::new().name("wayfare".to_owned()).spawn(move || {
        let outcome = catch_unwind(AssertUnwindSafe(|| work(&seen))).unwrap_or(Err(Failure::Panic));
        // The caller waits until this is there; it cannot be gone.
        let _ = sender.send(outcome);
    });
    worker.map_err(PyErr::from)?;
    let receiver = Mutex::new(receiver);
    loop {
        match py.detach(|| wait(&receiver)) {
            Ok(outcome) => {
                progress.report(&watch)?;
                return outcome;
            }
            Err(RecvTimeoutError::Disconnected) => return Err(Failure::Panic),
            Err(RecvTimeoutError::Timeout) => {}
        }
        if let Err(error) = py.check_signals().and_then(|()| progress.report(&watch)) {
            watch.stop.store(true, Ordering::Relaxed);
            py.detach(|| while let Err(RecvTimeoutError::Timeout) = wait(&receiver) {});
            return Err(error.into());
        }
    }
}

fn wait<T: Send>(receiver: &Mutex<Receiver<Outcome<T>>>) -> Result<Outcome<T>, RecvTimeoutError> {
    receiver.lock().unwrap_or_else(PoisonError::into_inner).recv_timeout(GLANCE)
}

/// The caller's callback, or a bar.
pub(crate) struct Progress<'py> {
    shown: Option<Bound<'py, PyAny>>,
}

impl<'py> Progress<'py> {
    pub(crate) fn new(py: Python<'py>, asked: Option<&Bound<'py, PyAny>>) -> PyResult<Self> {
        static CALLBACK: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let shown = asked.map(|asked| CALLBACK.import(py, "wayfare._progress", "callback")?.call1((asked,))).transpose()?;
        Ok(Self { shown: shown.filter(|shown| !shown.is_none()) })
    }

    /// Tells how far the work is; `False` in answer asks to stop.
    fn report(&self, watch: &Watch) -> PyResult<()> {
        let Some(callback) = &self.shown else { return Ok(()) };
        let total = watch.total.load(Ordering::Relaxed);
        if total > 0 {
            let answer = callback.call1((watch.done.load(Ordering::Relaxed), total))?;
            if answer.cast::<PyBool>().is_ok_and(|go_on| !go_on.is_true()) {
                watch.stop.store(true, Ordering::Relaxed);
            }
        }
        Ok(())
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        // Only a bar has something to end.
        if let Some(Ok(close)) = self.shown.as_ref().map(|shown| shown.getattr("close")) {
            let _ = close.call0();
        }
    }
}
