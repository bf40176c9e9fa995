--
-- PostgreSQL database dump
--

-- Dumped from database version 16.4
-- Dumped by pg_dump version 16.4

SET statement_timeout = 0;
SET client_encoding = 'UTF8';

CREATE TABLE public.auth_user (
    id integer NOT NULL,
    password character varying(128) NOT NULL,
    last_login timestamp with time zone,
    is_superuser boolean NOT NULL,
    username character varying(150) NOT NULL,
    first_name character varying(150) NOT NULL,
    last_name character varying(150) NOT NULL,
    email character varying(254) NOT NULL,
    is_staff boolean NOT NULL,
    is_active boolean NOT NULL,
    date_joined timestamp with time zone NOT NULL
);

--
-- Data for Name: auth_group; Type: TABLE DATA; Schema: public; Owner: app
--

COPY public.auth_group (id, name) FROM stdin;
1	COPY public.auth_user (id) FROM stdin;
\.

COPY public.auth_user (id, password, last_login, is_superuser, username, first_name, last_name, email, is_staff, is_active, date_joined) FROM stdin;
101	pbkdf2_sha256$1000$5493244bb390c952ea$JknaXQENsScJnjAwO2dCw9SlJDmSQElmpbVLfUzZt+I=	\N	t	ada	Ada	Lovelace	ada@example.com	t	t	2020-02-02 10:00:00+00
102	pbkdf2_sha256$1000$8c2cf3da42ca377df1$fb6nDWwj3+CQRiduv4lZ/QGZ8Hu4zLnOdrUjktndUFE=	\N	f	grace	Grace	Hopper	grace@example.com	f	t	2020-03-03 10:00:00.123456+00
103	!UnusableExampleExampleExampleExampleExam	\N	f	alan			alan@example.com	f	f	2020-04-04 10:00:00+00
\.

--
-- PostgreSQL database dump complete
--
