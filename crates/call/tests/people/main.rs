//! Stories of people who call each other, in virtual time; and what must hold in any story.

mod answer;
mod collisions;
mod crash;
mod devices;
mod hostile;
mod no_answer;
mod pages;
mod repair;
mod schedules;
mod world;
