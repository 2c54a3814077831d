import type { Knex } from 'knex';

/** All events in one order, so that whoever watches the desk finds what is new without looking at every ticket. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    alter table ticket_events add column no bigint generated always as identity;
    create unique index ticket_events_no on ticket_events (no);
    comment on column ticket_events.no is 'roughly the order in which they were written; a lower one may be committed later. No part of the hash chain.';

    create table ticket_assignments (
      id bigint generated always as identity primary key,
      ticket_id bigint not null references tickets,
      assignee bigint references agents,
      assigned_by bigint not null references agents,
      at timestamptz not null
    );
    comment on table ticket_assignments is 'Who gave a ticket to whom. No decision about it, so no part of the audit chain.';
    comment on column ticket_assignments.assignee is 'null = given back: it is nobody''s';
    comment on column ticket_assignments.at is 'desk time';
    create index ticket_assignments_ticket on ticket_assignments (ticket_id, id);

    alter table tickets add column assignee bigint references agents;
    comment on column tickets.assignee is 'the agent who looks after it; null = nobody in particular';
    create index tickets_assignee on tickets (assignee, id) where assignee is not null;
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw(`
    alter table tickets drop column assignee;
    drop table ticket_assignments;
    alter table ticket_events drop column no`);
}
