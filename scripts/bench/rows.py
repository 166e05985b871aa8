"""Rows of the benchmark as SQL, each table made of those before it: PostgreSQL writes many thousands in some seconds.

Ids are given by the database, in the order of the applications.
"""

from __future__ import annotations

PEOPLE_AND_CITIES = (
    """
    INSERT INTO user_account (email, name, password_hash, epoch, created_at, confirmed_at)
    SELECT word || number || '@example.org', initcap(word) || number, :password_hash, 0, :now, :now
    FROM (VALUES ('lead', :cities), ('assessor', :assessors), ('officer', :officers)) AS kind (word, count)
    CROSS JOIN generate_series(0, count - 1) AS number
    """,
    """
    INSERT INTO role_grant (user_id, role, granted_at)
    SELECT id, CASE WHEN email LIKE 'officer%' THEN 'programme_officer' ELSE 'assessor' END, :now
    FROM user_account WHERE email NOT LIKE 'lead%' ORDER BY id
    """,
    """
    INSERT INTO panel_member (call_id, user_id, is_chair, invited_at)
    SELECT :call, user_id, false, :now FROM role_grant WHERE role = 'assessor' ORDER BY user_id
    """,
    """
    INSERT INTO organisation (slug, name, folded, other_names, seat_city, country, kind, category, region_category,
                              is_verified, created_at)
    SELECT 'bench-city-' || number, name, lower(name), lower(name), name,
           (CAST(:countries AS text[]))[1 + number % cardinality(CAST(:countries AS text[]))],
           'city', 'CITY_MUNICIPALITY', 'less developed', true, :now
    FROM generate_series(0, :cities - 1) AS number, concat('Bench city ', number) AS name
    """,
    """
    INSERT INTO membership (user_id, organisation_id, is_manager, requested_at, accepted_at)
    SELECT lead.id, city.id, false, :now, :now
    FROM generate_series(0, :cities - 1) AS number
    JOIN user_account AS lead ON lead.email = 'lead' || number || '@example.org'
    JOIN organisation AS city ON city.slug = 'bench-city-' || number ORDER BY number
    """,
)

APPLICATIONS = (
    """
    INSERT INTO application (reference, call_id, number, acronym, title, state, version, submission_count, created_at,
                             created_by, submitted_at, eligibility_declared_at, assessed_at, decided_at)
    SELECT :code || '-' || lpad(number::text, greatest(5, length(number::text)), '0'), :call, number, 'BENCH' || number,
           'Network ' || number || ' of the benchmark', state, 1, (step > 1)::int, :now, lead.id,
           CASE WHEN step > 1 THEN :now END, CASE WHEN step > 2 THEN :now END,
           CASE WHEN step > 3 THEN :now END, CASE WHEN step > 4 THEN :now END
    FROM unnest(CAST(:states AS text[])) WITH ORDINALITY AS planned (state, number)
    CROSS JOIN coalesce(array_position(ARRAY['draft', 'submitted', 'eligible', 'assessed'], state), 5) AS step
    JOIN user_account AS lead ON lead.email = 'lead' || (number - 1) % :cities || '@example.org' ORDER BY number
    """,
    """
    INSERT INTO application_access (application_id, user_id, role, granted_at)
    SELECT id, created_by, 'lead', :now FROM application ORDER BY id
    """,
    """
    INSERT INTO section (application_id, code, answers, version, updated_at)
    SELECT id, code, answers, 1, :now
    FROM application CROSS JOIN json_each(CAST(:answers AS json)) AS section (code, answers) ORDER BY id
    """,
    # The partners of an application lie apart, so that each city is in as many applications as any other.
    """
    INSERT INTO partner (application_id, organisation_id, role, position, may_edit)
    SELECT application.id, city.id, CASE WHEN place = 1 THEN 'lead' ELSE 'partner' END, place, true
    FROM application CROSS JOIN generate_series(1, :partners) AS place
    JOIN organisation AS city ON city.slug = 'bench-city-' || (number - 1 + (place - 1) * 71) % :cities
    ORDER BY application.id, place
    """,
    """
    INSERT INTO budget_line (partner_id, category, amount_cents)
    SELECT id, category, cents
    FROM partner CROSS JOIN (VALUES ('STAFF', 4000000), ('TRAVEL_ACCOMMODATION', 900000)) AS planned (category, cents)
    ORDER BY id, cents DESC
    """,
    """
    INSERT INTO document (partner_id, kind, storage_key, filename, media_type, size, sha256, uploaded_at)
    SELECT id, 'letter_of_commitment', replace(gen_random_uuid()::text, '-', ''), 'letter.pdf', 'application/pdf',
           1000, lpad(to_hex(id), 64, '0'), :now
    FROM partner ORDER BY id
    """,
)

# In the dossier of all a `#` stands for the number of the application.
SUBMISSIONS = (
    """
    INSERT INTO submission (application_id, number, dossier, fingerprint, budget_cents, received_at, committed_at)
    SELECT application.id, 1, CAST(replace(:dossier, '#', number::text) AS json), lpad(to_hex(number), 64, '0'),
           sum(amount_cents), :now, :now
    FROM application JOIN partner ON application_id = application.id JOIN budget_line ON partner_id = partner.id
    WHERE submitted_at IS NOT NULL GROUP BY application.id ORDER BY application.id
    """,
    """
    INSERT INTO workflow_event (subject_kind, subject_id, number, transition, source, target, version, at)
    SELECT 'application', id, step, transition, source, target, step, :now + step * interval '1 second'
    FROM application
    JOIN (VALUES (1, 'start_draft', NULL, 'draft'), (2, 'submit', 'draft', 'submitted'),
                 (3, 'declare_eligible', 'submitted', 'eligible'), (4, 'close_assessment', 'eligible', 'assessed'))
         AS taken (step, transition, source, target)
         ON step <= 1 + num_nonnulls(submitted_at, eligibility_declared_at, assessed_at)
    ORDER BY id, step
    """,
    # An officer for two of three, each with as many as the others.
    """
    INSERT INTO handler (application_id, user_id, assigned_at)
    SELECT handed_in.id, officer.id, :now
    FROM (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place
          FROM application WHERE submitted_at IS NOT NULL) AS handed_in
    JOIN user_account AS officer ON officer.email = 'officer' || place % :officers || '@example.org'
    WHERE place % 3 > 0 ORDER BY handed_in.id
    """,
)

# Each like the official report of the first submission, which is there; it lets the application pass.
REPORTS = (
    "UPDATE report SET verdict = 'eligible'",
    """
    INSERT INTO report (application_id, submission_id, kind, rulebook_version, verdict, dossier, made_at)
    SELECT submission.application_id, submission.id, kind, rulebook_version, verdict, report.dossier, made_at
    FROM submission CROSS JOIN report WHERE submission.id <> submission_id ORDER BY submission.id
    """,
    # The key of each finding would be looked up as in the table of one row that this was.
    "ANALYZE report",
    """
    INSERT INTO finding (report_id, position, code, title, outcome, message, fix, source, is_blocking, is_curable,
                         settled_outcome)
    SELECT report.id, position, code, finding.title, outcome, message, fix, source, is_blocking, is_curable,
           CASE WHEN state <> 'submitted' THEN 'met' END
    FROM report JOIN application ON application.id = application_id
    JOIN finding ON report_id <> report.id ORDER BY report.id, position
    """,
    """
    UPDATE application
    SET report_kind = 'official', reported_submission = 1,
        unmet_findings = CASE WHEN application.state = 'submitted' THEN first.unmet_findings ELSE 0 END,
        open_findings = CASE WHEN application.state = 'submitted' THEN first.open_findings ELSE 0 END,
        handled_by = (SELECT user_id FROM handler WHERE application_id = application.id)
    FROM application AS first
    WHERE first.report_kind IS NOT NULL AND application.submitted_at IS NOT NULL
    """,
)

SCORES = "CREATE TEMPORARY TABLE score (number int, points json, total int, standing bigint) ON COMMIT DROP"
ONE_SCORE = "INSERT INTO score VALUES (:number, CAST(:points AS json), :total, :standing)"
ASSESSMENTS = (
    """
    INSERT INTO allocation (application_id, user_id, due_on, allocated_at, conflict, declared_at)
    SELECT application.id, assessor.id, CAST(:now AS date) + number % 30, :now, 'none', :now
    FROM application CROSS JOIN generate_series(0, 1) AS second
    JOIN user_account AS assessor
      ON assessor.email = 'assessor' || (number * 7 + second * 11) % :assessors || '@example.org'
    WHERE eligibility_declared_at IS NOT NULL ORDER BY application.id, second
    """,
    """
    INSERT INTO individual_sheet (allocation_id, state, version, recommendation, total_points, updated_at)
    SELECT allocation.id, CASE WHEN assessed_at IS NULL THEN 'open' ELSE 'submitted' END, 1, :remark, total, :now
    FROM allocation JOIN application ON application.id = application_id JOIN score USING (number)
    ORDER BY allocation.id
    """,
    """
    INSERT INTO criterion_points (sheet_id, criterion, points, comment)
    SELECT sheet.id, criterion, given::int, :remark
    FROM individual_sheet AS sheet JOIN allocation ON allocation.id = allocation_id
    JOIN application ON application.id = application_id JOIN score USING (number)
    CROSS JOIN json_each_text(points) AS scored (criterion, given) ORDER BY sheet.id, criterion
    """,
    """
    INSERT INTO consensus_sheet (application_id, call_id, state, version, recommendation, total_points, standing,
                                 opened_at, signed_at)
    SELECT id, call_id, 'signed', 1, :remark, total, standing, :now, :now
    FROM application JOIN score USING (number) WHERE assessed_at IS NOT NULL ORDER BY id
    """,
    """
    INSERT INTO consensus_points (sheet_id, criterion, points, comment)
    SELECT sheet.id, criterion, given::int, :remark
    FROM consensus_sheet AS sheet JOIN application ON application.id = application_id JOIN score USING (number)
    CROSS JOIN json_each_text(points) AS scored (criterion, given) ORDER BY sheet.id, criterion
    """,
    """
    INSERT INTO signature (sheet_id, user_id, sheet_version, signed_at)
    SELECT sheet.id, user_id, 1, :now
    FROM consensus_sheet AS sheet JOIN allocation USING (application_id) ORDER BY allocation.id
    """,
)

DECISIONS = (
    """
    INSERT INTO meeting (call_id, reference, held_on, is_written_procedure, created_at)
    VALUES (:call, 'BENCH-1', CAST(:now AS date), false, :now)
    """,
    """
    INSERT INTO decision (application_id, meeting_id, outcome, reasons, conditions, recorded_at, announced_at)
    SELECT application.id, meeting.id, CASE WHEN state = 'not_approved' THEN state ELSE 'approved' END, :reasons, '',
           :now, :now
    FROM application JOIN meeting USING (call_id) WHERE decided_at IS NOT NULL ORDER BY application.id
    """,
)
