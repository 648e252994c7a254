import type { Database } from '#libs/db/database.ts'

/**
 * Lets PostgreSQL write down what happens to the rows, whoever does it: a witness that shares nothing with the services.
 * A sample now and then would miss a version that goes back and comes forward again; a trigger sees each.
 */
export async function installAudit(db: Database): Promise<void> {
  for (const statement of statements) await db.query(statement)
}

const statements = [
  `create table fault_audit (product_id uuid not null, kind varchar(10) not null, at timestamptz not null default now())`,
  `create index fault_audit_product on fault_audit (product_id)`,
  `create function fault_audit_syncs() returns trigger language plpgsql as $$
  begin
    insert into fault_audit (product_id, kind)
      select a.product_id, kind
        from before b full join after a using (product_id, marketplace_id)
             cross join lateral (values
               ('claim', a.state = 'queued' and a.attempt > b.attempt),
               ('requeue', a.state = 'queued' and b.state = 'queued' and a.attempt > b.attempt),
               ('outcome', b.state = 'queued' and a.state <> 'queued' and a.attempt = b.attempt),
               ('change', a.state = 'pending' and a.attempt > b.attempt),
               ('overtaken', b.state = 'queued' and a.state = 'pending' and a.attempt > b.attempt),
               ('regression', a.attempt < b.attempt or a.synced_at < b.synced_at)) k (kind, so)
       where so;
    return null;
  end $$`,
  `create trigger fault_audit_syncs after update on product_syncs
    referencing old table as before new table as after for each statement execute function fault_audit_syncs()`,
  `create function fault_audit_data() returns trigger language plpgsql as $$
  begin
    insert into fault_audit (product_id, kind) values (new.product_id, 'regression');
    return null;
  end $$`,
  `create trigger fault_audit_data after update on amazon_market_data for each row
    when (new.observed_at < old.observed_at) execute function fault_audit_data()`,
]
