//! The clerk: the only task that writes. What was answered is recorded in the commit that claims
//! what leaves next.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::Arc;

use tokio::sync::mpsc::error::TryRecvError;
use tokio::sync::mpsc::{Sender, UnboundedReceiver};

use super::claimer::{Claim, Claimer, Load, Next};
use super::control::Control;
use super::event::{Event, Stop};
use super::group::{Group, LARGEST_GROUP};
use super::sender::Arrival;
use super::slots::Slots;
use super::{Flight, Service, Trial};
use crate::clock::Moment;
use crate::killpoint::{Point, pass};
use crate::ledger::{Claimed, Ledger, LedgerError, Run};

pub(super) struct Clerk<'a, S> {
    ledger: &'a Ledger,
    run: &'a Run,
    control: Arc<Control>,
    service: Arc<S>,
    claimer: Claimer,
    slots: Slots,
    /// None once nothing more is to be sent: the pacer ends with it.
    to_pacer: Option<Sender<Flight>>,
    arrivals: UnboundedReceiver<Arrival>,
    /// Whether nothing more can arrive.
    is_over: bool,
    group: Group,
    /// Whether it was told how many there are to be sent.
    is_told: bool,
    /// When operators' charges expire, as far as it was told.
    expiries: HashMap<i64, String>,
    failed: Option<LedgerError>,
}

impl<'a, S: Service> Clerk<'a, S> {
    pub(super) fn new(
        ledger: &'a Ledger,
        run: &'a Run,
        control: Arc<Control>,
        service: Arc<S>,
        to_pacer: Sender<Flight>,
        arrivals: UnboundedReceiver<Arrival>,
    ) -> Self {
        Clerk {
            ledger,
            run,
            claimer: Claimer::new(Arc::clone(&control)),
            control,
            service,
            slots: Slots::default(),
            to_pacer: Some(to_pacer),
            arrivals,
            is_over: false,
            group: Group::default(),
            is_told: false,
            expiries: HashMap::new(),
            failed: None,
        }
    }

    /// Claims and records until nothing is left or the run stops, and every sender is done. The
    /// first error stops the run; what cannot be recorded stays `sending`, which the next run
    /// settles.
    pub(super) async fn work(mut self) -> Result<(), LedgerError> {
        if let Err(error) = self.ask().await {
            self.fail(error);
        }
        loop {
            self.take();
            if self.is_over && self.group.is_empty() {
                return self.failed.map_or(Ok(()), Err);
            }
            if self.control.is_stopping() {
                self.to_pacer = None;
            }
            let next = self.next().await;
            if !matches!(next, Some(Next::Claim(_))) {
                self.tell_waiting().await;
            }
            let until = match next {
                Some(Next::Claim(claim)) => {
                    self.claim(claim).await;
                    self.tell_waiting().await;
                    continue;
                }
                Some(Next::End(stop)) => {
                    self.control.stop(stop);
                    continue;
                }
                Some(Next::GoOn) => continue,
                Some(Next::Wait(until)) => Some(until),
                Some(Next::Ask) | None => None,
            };
            if self.is_due() {
                self.write(None).await;
            } else {
                self.wait(until).await;
            }
        }
    }

    /// Tells once how many there are to be sent: to count a million takes longer than to claim the
    /// first of them, which are under way by then.
    async fn tell_waiting(&mut self) {
        if std::mem::replace(&mut self.is_told, true) {
            return;
        }
        match self.control.clock().aside(self.ledger.waiting()).await {
            Ok(left) => self.control.emit(Event::Waiting(left + self.slots.taken() as u64)),
            Err(error) => self.fail(error),
        }
    }

    async fn ask(&mut self) -> Result<(), LedgerError> {
        let supply = self.control.clock().aside(self.ledger.supply()).await?;
        self.claimer.take(supply);
        Ok(())
    }

    /// What to do about claims, if anything is to be done now.
    async fn next(&mut self) -> Option<Next> {
        self.to_pacer.as_ref()?;
        let gathers = !self.group.is_empty();
        if gathers && !self.is_due() && !self.claimer.is_worth_it(self.load(0)) {
            return None;
        }
        // What has been answered makes room in the same commit.
        match self.claimer.next(self.load(self.group.len())) {
            // An answer that is not written down yet may leave something to send.
            Next::Ask if gathers => None,
            Next::Ask => match self.ask().await {
                Ok(()) => Some(self.claimer.asked(self.load(0))),
                Err(error) => {
                    self.fail(error);
                    None
                }
            },
            next => Some(next),
        }
    }

    async fn claim(&mut self, claim: Claim) {
        // While a token is waited for, nothing is claimed that a kill would leave uncertain.
        if self.is_ready().await {
            self.write(Some(claim)).await;
        } else {
            self.claimer.claimed(&claim, &[]);
        }
    }

    /// Waits until the service can be sent to, and records meanwhile.
    async fn is_ready(&mut self) -> bool {
        let (control, service) = (Arc::clone(&self.control), Arc::clone(&self.service));
        let mut ready = pin!(async move { control.is_ready(&*service).await });
        loop {
            tokio::select! {
                biased;
                is_ready = &mut ready => return is_ready,
                () = self.wait(None) => {}
            }
            self.take();
            if self.is_due() {
                self.write(None).await;
            }
        }
    }

    /// Writes down what was answered, together with what is claimed.
    async fn write(&mut self, claim: Option<Claim>) {
        let mut group = std::mem::take(&mut self.group);
        if !group.is_empty() && self.control.is_stopping() {
            pass(Point::Draining);
        }
        let shares = claim.as_ref().map(|claim| claim.shares.clone()).unwrap_or_default();
        let turn = group.turn(shares);
        let turned = match self.control.clock().aside(self.ledger.turn(self.run, turn)).await {
            Ok(turned) => turned,
            Err(error) => return self.fail(error),
        };
        group.tell(turned.answers, turned.released, &self.control, &mut self.expiries);
        if let Some(claim) = claim {
            self.claimer.claimed(&claim, &turned.claimed);
            self.hand_over(turned.claimed, claim.trial).await;
        }
        if let Some(error) = turned.failed {
            self.fail(error);
        }
    }

    async fn hand_over(&mut self, claimed: Vec<Claimed>, trial: Trial) {
        for claimed in claimed {
            let flight = Flight { claimed, trial, slot: self.slots.take() };
            let unsent = match &self.to_pacer {
                Some(to_pacer) => to_pacer.send(flight).await.err().map(|unsent| unsent.0),
                None => Some(flight),
            };
            if let Some(flight) = unsent {
                self.group.take(Arrival::Back(flight), self.control.clock().now());
            }
        }
    }

    fn fail(&mut self, error: LedgerError) {
        self.control.stop(Stop::Ledger);
        self.failed.get_or_insert(error);
    }

    /// Takes what has come.
    fn take(&mut self) {
        let now = self.control.clock().now();
        while self.group.len() < LARGEST_GROUP {
            match self.arrivals.try_recv() {
                Ok(arrival) => self.group.take(arrival, now),
                Err(TryRecvError::Empty) => return,
                Err(TryRecvError::Disconnected) => {
                    self.is_over = true;
                    return;
                }
            }
        }
    }

    /// Whether what has come is to be written down now.
    fn is_due(&self) -> bool {
        self.group.is_ripe(&self.control) || self.is_over && !self.group.is_empty()
    }

    /// Waits for a moment, a change, the order to stop, or until what has come is to be written
    /// down.
    async fn wait(&mut self, until: Option<Moment>) {
        let until = [until, self.group.until()].into_iter().flatten().min();
        let sends = self.to_pacer.is_some();
        tokio::select! {
            biased;
            () = self.control.told_to_stop(), if sends => {}
            arrival = self.arrivals.recv(), if !self.is_over => match arrival {
                Some(arrival) => self.group.take(arrival, self.control.clock().now()),
                None => self.is_over = true,
            },
            () = self.control.changed.notified() => {}
            () = self.control.clock().sleep_until(until.unwrap_or_default()), if until.is_some() => {}
        }
    }

    /// What is under way, what has come and is not written down among it, and how many more there
    /// may be once so many of that are.
    fn load(&self, written: usize) -> Load {
        let taken = self.slots.taken();
        let unstarted = self.to_pacer.as_ref().map_or(0, |to| to.max_capacity() - to.capacity());
        let free = self.control.in_flight().saturating_sub(taken.saturating_sub(written));
        Load { free, unstarted, is_idle: taken == 0 }
    }
}
