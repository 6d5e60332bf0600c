-- Whether the database answers.
SELECT true
