//! Stories of people who call each other, in virtual time; and what must hold in any story.

mod accounts;
mod answer;
mod broken;
mod carried;
mod collisions;
mod comes_back;
mod conference;
mod courier;
mod crash;
mod devices;
mod hostile;
mod late;
mod meetings;
mod no_answer;
mod pages;
mod prepared;
mod repair;
mod schedules;
mod strangers;
mod world;
