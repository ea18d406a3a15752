-- The table of flowinsert.pl, for PostgreSQL.
CREATE TABLE flows (
	tag		BIGINT NOT NULL,
	received	TIMESTAMP,
	agent_addr	INET,
	src_addr	INET,
	dst_addr	INET,
	src_port	INTEGER,
	dst_port	INTEGER,
	octets		NUMERIC(20),
	packets		NUMERIC(20),
	protocol	SMALLINT
);
