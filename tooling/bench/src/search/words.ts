/** What the catalogue and the queries are made of. */
export const verbs: readonly (readonly [name: string, says: string])[] = [
  ['list', 'Lists'],
  ['get', 'Returns'],
  ['create', 'Creates'],
  ['update', 'Changes'],
  ['delete', 'Deletes'],
  ['search', 'Searches for'],
  ['export', 'Exports'],
  ['import', 'Imports'],
  ['archive', 'Archives'],
  ['assign', 'Assigns'],
  ['approve', 'Approves'],
  ['cancel', 'Cancels'],
  ['schedule', 'Schedules'],
  ['send', 'Sends'],
  ['share', 'Shares'],
  ['count', 'Counts'],
  ['validate', 'Validates'],
  ['merge', 'Merges'],
  ['restore', 'Restores'],
  ['watch', 'Watches'],
];

export const nouns: readonly string[] =
  `invoice payment refund subscription customer order shipment warehouse product coupon ticket incident alert dashboard metric deployment build pipeline
  branch commit issue review release repository container cluster volume snapshot backup database table column query report document folder file comment
  page template form survey response contact lead deal campaign newsletter audience segment event meeting calendar reminder task project milestone sprint
  employee contract payslip vacation timesheet candidate interview account role permission token certificate domain record route vehicle driver trip booking
  room guest flight itinerary recipe ingredient workout patient appointment prescription course lesson student grade playlist track podcast episode camera
  sensor device firmware meter tariff parcel claim policy quote auction listing listener webhook channel thread message transcript recording image video
  caption translation glossary keyword backlink benchmark experiment feature flag rule workflow trigger connector dataset model label annotation`.split(
    /\s+/,
  );

export const kinds: readonly string[] =
  'draft recurring shared archived failed pending active internal public monthly overdue linked nested custom default regional'.split(
    ' ',
  );

export const details: readonly string[] = [
  'Results are sorted by the time of the last change, newest first, and can be narrowed with a filter expression.',
  'Needs write access to the workspace; the call is refused when the caller is only allowed to read.',
  'Large answers come in pages: pass the cursor of the previous answer to get the next page.',
  'Use this when the user asks about something that exists already; to make a new one use the matching create tool.',
  'The change is recorded in the audit log together with the name of the caller and the reason that was given.',
  'Times are given in UTC as ISO 8601, amounts in the smallest unit of the currency.',
  'Nothing is written when dry_run is set; the answer then tells what would have been done.',
  'Only items that the caller may see are returned; the others are left out without an error.',
  'Runs in the background and returns at once with the number of a job that can be polled for its outcome.',
  'Returns an error when the item was changed by somebody else in the meantime, so that nothing is overwritten.',
  'Attachments of up to 25 megabytes are accepted; anything larger has to be uploaded in parts first.',
  'Notifications go to everybody who follows the item, unless silent is true.',
];

export const parameters: readonly (readonly [name: string, type: string, description: string])[] = [
  ['limit', 'integer', 'How many to return at most, from 1 to 200.'],
  ['cursor', 'string', 'Where to go on, from the previous answer.'],
  ['filter', 'string', 'Filter expression such as status = "open" and owner = "me".'],
  ['dry_run', 'boolean', 'Only tell what would be done.'],
  ['reason', 'string', 'Why this is done; shown in the audit log.'],
  ['start_date', 'string', 'First day of the period, ISO 8601.'],
  ['end_date', 'string', 'Last day of the period, ISO 8601.'],
  ['workspace', 'string', 'Workspace in which to look. Default: the one of the caller.'],
  ['owner_email', 'string', 'E-mail address of the person who is responsible.'],
  ['language', 'string', 'Language of the texts as a BCP 47 tag.'],
  ['priority', 'string', 'How urgent it is: low, normal, high or critical.'],
  ['labels', 'array', 'Labels to put on it; unknown ones are created.'],
  ['format', 'string', 'Format of the answer: json, csv or markdown.'],
  ['timezone', 'string', 'Time zone in which dates without one are read.'],
  ['silent', 'boolean', 'Do not notify anybody.'],
  ['amount', 'number', 'Amount in the smallest unit of the currency.'],
  ['currency', 'string', 'Currency as an ISO 4217 code.'],
  ['include_archived', 'boolean', 'Also look at what has been archived.'],
  ['title', 'string', 'Short title that people will see in lists.'],
  ['body', 'string', 'Text in Markdown, up to 20,000 characters.'],
];

/** Parts that product names are put together from. */
export const syllables: readonly string[] =
  'ba be bo ca co da do fe fi ga go ha ka ko la le lo lu ma mi mo na no pa po qua ra ri ro sa se so ta te ti to va ve vi zo'.split(
    ' ',
  );

export const endings: readonly string[] = 'ly desk hub base flow forge stack wise grid mind port link'.split(' ');
