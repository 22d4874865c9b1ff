package dev

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	role         = "moothall" // the owner of all, and the database of the same name
	passwordFile = "password"
	logFile      = "postgres.log"
	clusterDir   = "data"
)

// PostgresOptions say where a private Postgres lives and how it runs.
type PostgresOptions struct {
	Dir            string // its folder: data, password, log; made when absent, closed to others
	Fast           bool   // for tests: quicker, and a crash of the machine may lose everything
	BinDir         string // the folder of initdb and postgres; empty: FindPostgres looks for it
	MaxConnections int    // 60 when 0
	Shared         string // memory for its own cache, such as 1GB; 64MB when empty
}

// Postgres is a database server that lives exactly as long as its owner.
type Postgres struct {
	PostgresOptions
	bin, version string
	account      account
	socket       string // the folder of its socket; empty: it listens on port
	port         int
	password     string
	lock         interface{ Close() error }
	child        *child
	stopping     sync.Once
	stopped      error
}

// StartPostgres starts the server in o.Dir, making it first when there is none, and
// returns when it takes connections. A server that a killed owner left behind is
// ended before. The error is one sentence; errors.Is ErrLocked when the folder is
// another process's.
func StartPostgres(ctx context.Context, o PostgresOptions) (*Postgres, error) {
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, err
	}
	o.Dir = dir
	return startAs(ctx, accounts(dir), o)
}

// startAs is StartPostgres with the accounts to try.
func startAs(ctx context.Context, ways []account, o PostgresOptions) (*Postgres, error) {
	if o.MaxConnections == 0 {
		o.MaxConnections = 60
	}
	if err := closedFolder(o.Dir); err != nil {
		return nil, err
	}
	lock, err := Lock(o.Dir)
	if err != nil {
		return nil, err
	}
	p := &Postgres{PostgresOptions: o, lock: lock}
	if err := p.start(ctx, ways); err != nil {
		return nil, errors.Join(err, p.Stop(ctx))
	}
	return p, nil
}

func (p *Postgres) start(ctx context.Context, ways []account) error {
	made := p.madeBy()
	b, err := findPostgres(p.BinDir, made)
	if err != nil {
		return err
	}
	p.bin, p.version = b.dir, b.version
	if made != 0 && made != b.major {
		return fmt.Errorf("the database in %s was made by Postgres %d, but %s is Postgres %d: set MOOTHALL_POSTGRES_BIN to a Postgres %d, or move the folder away to begin anew",
			p.Dir, made, b.dir, b.major, made)
	}
	if p.account, err = chooseAccount(ctx, ways, b.dir, p.Dir); err != nil {
		return err
	}
	if err := p.endOrphan(ctx); err != nil {
		return err
	}
	if made == 0 {
		err = p.makeCluster(ctx)
	} else {
		err = p.readPassword()
	}
	if err != nil {
		return err
	}
	if err := p.listenAt(); err != nil {
		return err
	}
	if err := p.launch(ctx); err != nil {
		return err
	}
	return p.makeDatabase(ctx)
}

// URL is the address of the database, for pgx and psql alike; it holds the password.
func (p *Postgres) URL() string {
	return address(p.password, p.socket, p.port, role)
}

func address(password, socket string, port int, database string) string {
	u := url.URL{Scheme: "postgres", User: url.UserPassword(role, password), Path: "/" + database}
	if socket != "" {
		u.RawQuery = url.Values{"host": {socket}}.Encode()
	} else {
		u.Host = net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
		u.RawQuery = "sslmode=disable"
	}
	return u.String()
}

// Version is what the server calls itself, such as "15.18".
func (p *Postgres) Version() string { return p.version }

// Ended is closed when the server has ended, whoever ended it. One that was killed is
// not started again: who kills it, or what, is for a person to find out.
func (p *Postgres) Ended() <-chan struct{} { return p.child.ended }

// Log is the file that tells why.
func (p *Postgres) Log() string { return filepath.Join(p.Dir, logFile) }

// Stop ends the server, its connections too, and gives the folder free. When ctx
// ends first it does not wait for a tidy end: nothing written is lost by that, but
// the next start takes longer. Called again it returns what the first call did.
func (p *Postgres) Stop(ctx context.Context) error {
	p.stopping.Do(func() {
		if p.child != nil {
			p.stopped = p.child.end(ctx)
		}
		if p.socket != "" {
			_ = os.RemoveAll(p.socket) // an empty folder left in the temporary folder harms nobody
		}
		if err := p.lock.Close(); p.stopped == nil {
			p.stopped = err
		}
	})
	return p.stopped
}

// makeDatabase makes sure of our database: a first start may have been killed
// between making the cluster and making this.
func (p *Postgres) makeDatabase(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, p.URL())
	if err == nil {
		return conn.Close(ctx)
	}
	var refused *pgconn.PgError
	if !errors.As(err, &refused) || refused.Code != "3D000" { // invalid_catalog_name
		return fmt.Errorf("the private Postgres takes no connection: %w", err)
	}
	if conn, err = pgx.Connect(ctx, address(p.password, p.socket, p.port, "postgres")); err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "create database "+role)
	return errors.Join(err, conn.Close(ctx))
}

// JoinPostgres returns the address of the private Postgres that another process
// runs in dir, waiting for it to be ready while that process starts it. It is not
// ok when there is none, or none that we may use.
func JoinPostgres(ctx context.Context, dir string) (databaseURL string, ok bool) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", false
	}
	for locked(dir) {
		password, err := os.ReadFile(filepath.Join(dir, passwordFile))
		if err != nil && !os.IsNotExist(err) {
			return "", false
		}
		if m := readMarker(filepath.Join(dir, clusterDir)); m.ready {
			databaseURL := address(string(password), m.socket, m.port, role)
			if conn, err := pgx.Connect(ctx, databaseURL); err == nil {
				return databaseURL, conn.Close(ctx) == nil
			}
		}
		if !pause(ctx) {
			return "", false
		}
	}
	return "", false
}

// closedFolder makes dir, and closes it to everybody else.
func closedFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return closed(dir, err)
	}
	return closed(dir, os.Chmod(dir, 0o700))
}

func program(bin, name string) string {
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	return filepath.Join(bin, name)
}
